/** What every store must do, whatever it keeps things in. Run by the real one and by the one server tests use. */

import { afterEach, describe, expect, test } from 'vitest'
import type { Store } from '../../src/persistence/store.ts'
import { StoreError, type StoreFault } from '../../src/persistence/store-error.ts'
import {
  agentOf,
  approvalOf,
  auditOf,
  decidedOf,
  detailsOf,
  holdOf,
  itemOf,
  processOf,
  promptOf,
  queueEntryOf,
  receiptOf,
  sessionOf,
  turnOf,
} from '../harness/stored.ts'
import { describePages } from './store-pages.ts'

export interface StoreUnderTest {
  readonly store: Store
  /** Make every write fail until `repair`. */
  break(): Promise<StoreFault> | StoreFault
  repair(): Promise<void> | void
}

export function describeStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(name, () => {
    let opened: StoreUnderTest | undefined
    afterEach(async () => {
      await opened?.store.close()
      opened = undefined
    })
    const start = async () => {
      opened = await open()
      return opened.store
    }

    const inSession = (sessionId: string) => ({
      item: (seq: number, over = {}) => ({ kind: 'item' as const, sessionId, item: itemOf(seq, over) }),
      turn: (seq: number, over = {}) => ({ kind: 'turn' as const, sessionId, turn: turnOf(seq, over) }),
    })
    const s1 = inSession('s1')

    test('[STO2] everything written is read back as it was', async () => {
      const store = await start()
      const item = itemOf(1, { hole: true, cut: { text: 9 }, completedAt: 1.5, status: 'failed' })
      store.write(
        { kind: 'session', session: sessionOf('s1') },
        { kind: 'details', sessionId: 's1', details: detailsOf('x') },
        s1.turn(1, { error: { message: 'm', code: null } }),
        { kind: 'item', sessionId: 's1', item },
        { kind: 'approval', sessionId: 's1', approval: approvalOf('a1') },
        { kind: 'approval', sessionId: 's1', approval: decidedOf('a2') },
        { kind: 'receipt', receipt: receiptOf('command-1') },
        { kind: 'process', process: processOf('p1') },
        { kind: 'queue', sessionId: 's1', queue: holdOf('paused') },
        { kind: 'queueEntry', sessionId: 's1', entry: queueEntryOf('e1') },
        { kind: 'queuePrompt', sessionId: 's1', entryId: 'e1', prompt: promptOf('later') },
        { kind: 'agent', agent: agentOf('codex') },
        { kind: 'audit', row: auditOf('call-1') },
      )
      expect(await store.loadQueues()).toEqual([
        { sessionId: 's1', ...holdOf('paused'), entries: [queueEntryOf('e1')] },
      ])
      expect(await store.loadQueuePrompt('s1', 'e1')).toEqual(promptOf('later'))
      expect(await store.loadSessions()).toEqual([sessionOf('s1')])
      expect(await store.loadSession('s1')).toEqual(sessionOf('s1'))
      expect(await store.loadDetails('s1')).toEqual(detailsOf('x'))
      expect((await store.listTurns({ sessionId: 's1', limit: 9 })).rows).toEqual([
        turnOf(1, { error: { message: 'm', code: null } }),
      ])
      expect(await store.loadItem('s1', 'item-1')).toEqual(item)
      expect((await store.listApprovals({ sessionId: 's1', limit: 9 })).rows).toEqual([
        decidedOf('a2'),
        approvalOf('a1'),
      ])
      expect(await store.loadPendingApprovals('s1')).toEqual([approvalOf('a1')])
      expect((await store.loadReceipt('command-1'))?.answer).toEqual({ turnId: 'turn-1' })
      expect(await store.loadProcesses()).toEqual([processOf('p1')])
      expect(await store.loadAgents()).toEqual([agentOf('codex')])
      expect(await store.loadAuditRow('call-1')).toEqual(auditOf('call-1'))
    })

    test('[MCP9] calls of agents are listed newest first by agent or session, page by page, the newest word on each', async () => {
      const store = await start()
      const rows = [1, 2, 3].map((n) => auditOf(`call-${n}`, { agent: n === 2 ? 'claude' : 'codex' }))
      for (const row of rows) store.write({ kind: 'audit', row: { ...row, outcome: 'begun', tookMs: null } })
      await store.flush()
      for (const row of rows) store.write({ kind: 'audit', row })
      const [first, second, third] = rows
      const page = await store.listAudit({ limit: 2 })
      expect(page.rows).toEqual([third, second])
      const next = await store.listAudit({ limit: 2, pageToken: page.nextPageToken ?? '' })
      expect(next).toEqual({ rows: [first], nextPageToken: null })
      expect((await store.listAudit({ limit: 9, agent: 'codex' })).rows).toEqual([third, first])
      expect((await store.listAudit({ limit: 9, sessionId: 's2' })).rows).toEqual([])
    })

    test('[STO2] what was never written is null or empty', async () => {
      const store = await start()
      expect(await store.loadSession('s')).toBeNull()
      expect(await store.loadDetails('s')).toBeNull()
      expect(await store.loadItem('s', 'i')).toBeNull()
      expect(await store.loadReceipt('command-1')).toBeNull()
      expect(await store.loadSessions()).toEqual([])
      expect(await store.loadQueues()).toEqual([])
      expect(await store.loadQueuePrompt('s', 'e')).toBeNull()
      expect(await store.loadWindow({ sessionId: 's', maxItems: 9, maxBytes: 9 })).toEqual([])
      expect(await store.listSessions({ limit: 9, archived: false })).toEqual({
        rows: [],
        nextPageToken: null,
        total: 0,
      })
    })

    test('[STO3] a value changed after it was written is stored as it was written', async () => {
      const store = await start()
      const body: Record<string, unknown> = { text: 'before' }
      store.write(s1.item(1, { body }))
      body.text = 'after'
      expect((await store.loadItem('s1', 'item-1'))?.body).toEqual({ text: 'before' })
    })

    test('[STO3] a value that is no JSON fails its caller and nothing of that call is written', async () => {
      const store = await start()
      expect(() => store.write(s1.item(1), s1.item(2, { body: { big: 1n } }))).toThrow(TypeError)
      expect(await store.loadItem('s1', 'item-1')).toBeNull()
    })

    test('[STO4] the latest of several writes of one thing wins', async () => {
      const store = await start()
      for (const text of ['a', 'ab', 'abc']) store.write(s1.item(1, { body: { text } }))
      store.write({ kind: 'process', process: processOf('p1') }, { kind: 'processGone', id: 'p1' })
      store.write({ kind: 'details', sessionId: 's1', details: detailsOf('old') })
      store.write({ kind: 'details', sessionId: 's1', details: detailsOf('new') })
      expect(await store.loadItem('s1', 'item-1')).toEqual(itemOf(1, { body: { text: 'abc' } }))
      expect(await store.loadProcesses()).toEqual([])
      expect(await store.loadDetails('s1')).toEqual(detailsOf('new'))
      const entry = { kind: 'queueEntry', sessionId: 's1', entry: queueEntryOf('e1') } as const
      const prompt = (text: string) =>
        ({ kind: 'queuePrompt', sessionId: 's1', entryId: 'e1', prompt: promptOf(text) }) as const
      store.write(entry, prompt('old'))
      store.write({ ...entry, entry: queueEntryOf('e1', { state: 'sending' }) }, prompt('new'))
      expect(await store.loadQueues()).toMatchObject([
        { hold: null, entries: [{ id: 'e1', state: 'sending' }] },
      ])
      expect(await store.loadQueuePrompt('s1', 'e1')).toEqual(promptOf('new'))
      store.write(entry, { kind: 'queueEntryGone', sessionId: 's1', entryId: 'e1' })
      expect(await store.loadQueues()).toEqual([])
      expect(await store.loadQueuePrompt('s1', 'e1')).toBeNull()
    })

    test('[STO4] items and turns removed and written again are there again', async () => {
      const store = await start()
      store.write(s1.item(1), s1.item(2), s1.turn(1), s1.turn(2))
      store.write({ kind: 'removed', sessionId: 's1', turnIds: ['turn-2'], itemIds: ['item-1', 'item-2'] })
      store.write(s1.item(2, { status: 'declined' }))
      expect((await store.listItems({ sessionId: 's1', limit: 9, order: 'oldestFirst' })).rows).toEqual([
        itemOf(2, { status: 'declined' }),
      ])
      expect((await store.listTurns({ sessionId: 's1', limit: 9 })).rows).toEqual([turnOf(1)])
    })

    test('[STO4] a removed turn takes all its items along, those just written included', async () => {
      const store = await start()
      const inTurn = (seq: number, turnId: string, type = 'agentMessage') => s1.item(seq, { turnId, type })
      store.write(s1.turn(1), inTurn(1, 'turn-1', 'userMessage'), inTurn(2, 'turn-1'))
      store.write(s1.turn(2), inTurn(3, 'turn-2', 'commandExecution'))
      store.write({ kind: 'removed', sessionId: 's1', turnIds: ['turn-2'], itemIds: [] })
      expect((await store.listItems({ sessionId: 's1', limit: 9, order: 'oldestFirst' })).rows).toMatchObject(
        [{ id: 'item-1' }, { id: 'item-2' }],
      )
      const count = () => store.countHistory('s1', ['commandExecution'])
      expect(await count()).toEqual({ turns: 1, items: 2, prompts: 1, tools: 0 })
      store.write(s1.turn(2), inTurn(4, 'turn-2', 'commandExecution'))
      expect(await count()).toEqual({ turns: 2, items: 3, prompts: 1, tools: 1 })
    })

    test('[STO5] a removed session takes what came before it along and nothing that came after', async () => {
      const store = await start()
      const fill = (text: string) =>
        store.write(
          { kind: 'session', session: sessionOf('s1', { title: text }) },
          { kind: 'details', sessionId: 's1', details: detailsOf(text) },
          { kind: 'approval', sessionId: 's1', approval: approvalOf(text) },
          { kind: 'queue', sessionId: 's1', queue: holdOf(text) },
          { kind: 'queueEntry', sessionId: 's1', entry: queueEntryOf(text) },
          { kind: 'queuePrompt', sessionId: 's1', entryId: text, prompt: promptOf(text) },
          s1.turn(1),
          s1.item(text === 'before' ? 1 : 2),
        )
      store.write(inSession('s2').item(1))
      fill('before')
      store.write({ kind: 'sessionRemoved', sessionId: 's1' })
      expect(await store.loadDetails('s1')).toBeNull()
      expect(await store.loadPendingApprovals('s1')).toEqual([])
      fill('before')
      store.write({ kind: 'sessionRemoved', sessionId: 's1' })
      fill('after')
      expect(await store.loadSessions()).toEqual([sessionOf('s1', { title: 'after' })])
      expect(await store.loadPendingApprovals('s1')).toEqual([approvalOf('after')])
      expect((await store.listItems({ sessionId: 's1', limit: 9, order: 'oldestFirst' })).rows).toEqual([
        itemOf(2),
      ])
      expect(await store.loadItem('s2', 'item-1')).toEqual(itemOf(1))
    })

    test('[STO6] a thread belongs to the session that claimed it last', async () => {
      const store = await start()
      store.write({ kind: 'session', session: sessionOf('s1', { threadId: 't' }) })
      store.write({ kind: 'session', session: sessionOf('s2', { threadId: 't' }) })
      await store.flush()
      store.write({ kind: 'session', session: sessionOf('s1', { threadId: 't', title: 'again' }) })
      await store.flush()
      expect((await store.loadSession('s1'))?.summary.title).toBe('again')
      expect((await store.loadSession('s2'))?.summary.threadId).toBe('t')
    })

    describePages(start)

    test('[STO13] open receipts become indeterminate when asked, others stay', async () => {
      const store = await start()
      const open = receiptOf('command-1', { state: 'pending', answer: null, sessionId: null })
      store.write({ kind: 'receipt', receipt: open })
      const failed = receiptOf('command-2', { state: 'failed', answer: { code: -1, message: 'no' } })
      store.write({ kind: 'receipt', receipt: failed })
      expect(await store.loadReceipt('command-1')).toEqual(open)
      expect(await store.settleReceipts()).toBe(1)
      expect(await store.settleReceipts()).toBe(0)
      expect(await store.loadReceipt('command-1')).toEqual({ ...open, state: 'indeterminate' })
      expect(await store.loadReceipt('command-2')).toEqual(failed)
    })

    test('[STO14] while writing fails every flush says so, nothing is lost, and the outage is told once', async () => {
      const store = await start()
      const told: (StoreFault | null)[] = []
      store.onFault((fault) => told.push(fault?.fault ?? null))
      store.write(s1.item(1))
      await store.flush()
      const fault = await opened?.break()
      store.write(s1.item(1, { status: 'failed' }), s1.item(2))
      await expect(store.flush()).rejects.toBeInstanceOf(StoreError)
      store.write(s1.item(1, { status: 'declined' }))
      await expect(store.flush()).rejects.toMatchObject({ name: 'StoreError', fault })
      expect((await store.stats()).queuedChanges).toBeGreaterThan(0)
      await opened?.repair()
      await store.flush()
      expect(told).toEqual([fault, null])
      expect((await store.stats()).queuedChanges).toBe(0)
      expect((await store.listItems({ sessionId: 's1', limit: 9, order: 'oldestFirst' })).rows).toEqual([
        itemOf(1, { status: 'declined' }),
        itemOf(2),
      ])
    })

    test('[STO15] during an outage a read fails rather than miss what was written; others still answer', async () => {
      const store = await start()
      store.write(s1.item(1), inSession('s2').item(1))
      await store.flush()
      const fault = await opened?.break()
      store.write(s1.item(2))
      await expect(store.loadItem('s1', 'item-2')).rejects.toMatchObject({ fault })
      expect(await store.loadItem('s2', 'item-1')).toEqual(itemOf(1))
      expect(await store.loadSessions()).toEqual([])
      await opened?.repair()
      expect(await store.loadItem('s1', 'item-2')).toEqual(itemOf(2))
    })

    test('[STO16] closing twice is closing once, and a closed store takes nothing', async () => {
      const store = await start()
      store.write(s1.item(1))
      await Promise.all([store.close(), store.close()])
      expect(() => store.write(s1.item(2))).toThrow(StoreError)
      await expect(store.loadItem('s1', 'item-1')).rejects.toMatchObject({ name: 'StoreError' })
    })
  })
}
