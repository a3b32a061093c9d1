/** What every store must do, whatever it keeps things in. Run by the real one and by the one server tests use. */
import { afterEach, describe, expect, test } from 'vitest'
import { type Store, StoreError, type StoreFault } from '../../src/persistence/store.ts'
import {
  approvalOf,
  decidedOf,
  detailsOf,
  itemOf,
  processOf,
  receiptOf,
  sessionOf,
  summaryOf,
  turnOf,
} from '../harness/stored.ts'

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
      )
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
    })

    test('[STO2] what was never written is null or empty', async () => {
      const store = await start()
      expect(await store.loadSession('s')).toBeNull()
      expect(await store.loadDetails('s')).toBeNull()
      expect(await store.loadItem('s', 'i')).toBeNull()
      expect(await store.loadReceipt('command-1')).toBeNull()
      expect(await store.loadSessions()).toEqual([])
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

    test('[STO5] a removed session takes what came before it along and nothing that came after', async () => {
      const store = await start()
      const fill = (text: string) =>
        store.write(
          { kind: 'session', session: sessionOf('s1', { title: text }) },
          { kind: 'details', sessionId: 's1', details: detailsOf(text) },
          { kind: 'approval', sessionId: 's1', approval: approvalOf(text) },
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

    test('[STO7] sessions are listed by their newest change, then id, and counted whole', async () => {
      const store = await start()
      const put = (id: string, over: object) => store.write({ kind: 'session', session: sessionOf(id, over) })
      put('b', { updatedAt: 5 })
      put('a', { updatedAt: 5 })
      put('c', { updatedAt: 9 })
      put('d', { updatedAt: 1 })
      put('z', { updatedAt: 99, archived: true })
      const first = await store.listSessions({ limit: 2, archived: false })
      expect(first).toEqual({
        rows: [summaryOf('c', { updatedAt: 9 }), summaryOf('a', { updatedAt: 5 })],
        total: 4,
        nextPageToken: expect.any(String),
      })
      // What moves to the front or appears meanwhile neither repeats nor hides a row of the next page.
      put('e', { updatedAt: 50 })
      put('a', { updatedAt: 60 })
      const second = await store.listSessions({
        limit: 2,
        archived: false,
        pageToken: String(first.nextPageToken),
      })
      expect(second).toEqual({
        rows: [summaryOf('b', { updatedAt: 5 }), summaryOf('d', { updatedAt: 1 })],
        total: 5,
        nextPageToken: null,
      })
      expect((await store.listSessions({ limit: 9, archived: true })).rows.map(({ id }) => id)).toEqual(['z'])
    })

    test('[STO8] a folder filter holds the folder and what is below it, whatever characters it has', async () => {
      const store = await start()
      const folders = [
        '/w',
        '/w/a_b',
        '/w/a_b/c',
        '/w/a_bc',
        '/w/axb',
        '/w/50%',
        '/w/50%/x',
        '/w0',
        '/',
        'C:\\w\\x',
      ]
      for (const cwd of folders)
        store.write({ kind: 'session', session: sessionOf(cwd, { cwd, threadId: cwd }) })
      const below = async (cwd: string) => {
        const { rows, total } = await store.listSessions({ limit: 99, archived: false, cwd })
        expect(total).toBe(rows.length)
        return rows.map((row) => row.cwd).sort()
      }
      expect(await below('/w/a_b')).toEqual(['/w/a_b', '/w/a_b/c'])
      expect(await below('/w/a_b/')).toEqual(['/w/a_b', '/w/a_b/c'])
      expect(await below('/w/50%')).toEqual(['/w/50%', '/w/50%/x'])
      expect(await below('/w')).toEqual(folders.filter((cwd) => cwd === '/w' || cwd.startsWith('/w/')).sort())
      expect(await below('/')).toEqual(folders.filter((cwd) => cwd.startsWith('/')).sort())
      expect(await below('C:\\w')).toEqual(['C:\\w\\x'])
    })

    test('[STO9] items are paged in both directions while others are added', async () => {
      const store = await start()
      for (let seq = 0; seq < 5; seq += 1)
        store.write(s1.item(seq, { turnId: seq < 2 ? 'turn-1' : 'turn-2' }))
      const page = async (query: object) => {
        const { rows, nextPageToken } = await store.listItems({
          sessionId: 's1',
          limit: 2,
          order: 'newestFirst',
          ...query,
        })
        return { seqs: rows.map(({ seq }) => seq), pageToken: nextPageToken ?? undefined }
      }
      const newest = await page({})
      const oldest = await page({ order: 'oldestFirst' })
      expect([newest.seqs, oldest.seqs]).toEqual([
        [4, 3],
        [0, 1],
      ])
      store.write(s1.item(5))
      const middle = await page({ pageToken: newest.pageToken })
      expect(middle.seqs).toEqual([2, 1])
      expect(await page({ pageToken: middle.pageToken })).toEqual({ seqs: [0], pageToken: undefined })
      const next = await page({ order: 'oldestFirst', pageToken: oldest.pageToken, limit: 9 })
      expect(next).toEqual({ seqs: [2, 3, 4, 5], pageToken: undefined })
      expect((await page({ turnId: 'turn-2' })).seqs).toEqual([4, 3])
      expect((await page({ turnId: 'turn-1', order: 'oldestFirst' })).seqs).toEqual([0, 1])
      expect((await page({ beforeSeq: 2 })).seqs).toEqual([1, 0])
      expect((await page({ beforeSeq: 1, pageToken: newest.pageToken })).seqs).toEqual([0])
    })

    test('[STO9] turns and approvals are paged, newest first', async () => {
      const store = await start()
      for (let seq = 0; seq < 3; seq += 1) {
        store.write(s1.turn(seq))
        store.write({ kind: 'approval', sessionId: 's1', approval: approvalOf(`a${seq}`) })
      }
      // Deciding the oldest does not move it.
      store.write({ kind: 'approval', sessionId: 's1', approval: decidedOf('a0') })
      const turns = await store.listTurns({ sessionId: 's1', limit: 2 })
      expect(turns.rows).toEqual([turnOf(2), turnOf(1)])
      const approvals = await store.listApprovals({ sessionId: 's1', limit: 2 })
      expect(approvals.rows).toEqual([approvalOf('a2'), approvalOf('a1')])
      store.write(s1.turn(3))
      expect(
        await store.listTurns({ sessionId: 's1', limit: 2, pageToken: String(turns.nextPageToken) }),
      ).toEqual({ rows: [turnOf(0)], nextPageToken: null })
      expect(
        await store.listApprovals({ sessionId: 's1', limit: 2, pageToken: String(approvals.nextPageToken) }),
      ).toEqual({ rows: [decidedOf('a0')], nextPageToken: null })
      expect(await store.loadPendingApprovals('s1')).toEqual([approvalOf('a1'), approvalOf('a2')])
    })

    test('[STO10] a page token of nobody, or of another list, is refused', async () => {
      const store = await start()
      for (let seq = 0; seq < 3; seq += 1) store.write(s1.item(seq), s1.turn(seq))
      const items = await store.listItems({ sessionId: 's1', limit: 1, order: 'newestFirst' })
      const foreign = String(items.nextPageToken)
      const forged = Buffer.from('["itemsNewestFirst","1"]').toString('base64url')
      const invalid = { name: 'StoreError', fault: 'invalidPageToken' }
      for (const pageToken of ['', 'x', '%%%', forged, 'bnVsbA']) {
        const query = { sessionId: 's1', limit: 1, pageToken }
        await expect(store.listItems({ ...query, order: 'newestFirst' })).rejects.toMatchObject(invalid)
      }
      const query = { sessionId: 's1', limit: 1, pageToken: foreign }
      await expect(store.listItems({ ...query, order: 'oldestFirst' })).rejects.toMatchObject(invalid)
      await expect(store.listTurns(query)).rejects.toMatchObject(invalid)
      await expect(store.listApprovals(query)).rejects.toMatchObject(invalid)
      await expect(store.listSessions({ ...query, archived: false })).rejects.toMatchObject(invalid)
    })

    test('[STO11] a window holds the newest items, oldest first, within both its limits', async () => {
      const store = await start()
      const body = { text: 'x'.repeat(1_000 - '{"text":""}'.length) }
      for (let seq = 0; seq < 6; seq += 1) store.write(s1.item(seq, { body }))
      const window = async (maxItems: number, maxBytes: number) =>
        (await store.loadWindow({ sessionId: 's1', maxItems, maxBytes })).map(({ seq }) => seq)
      expect(await window(3, 1e9)).toEqual([3, 4, 5])
      expect(await window(99, 2_000)).toEqual([4, 5])
      expect(await window(99, 1_999)).toEqual([5])
      // One item that is too large alone is still better than an empty window.
      expect(await window(99, 10)).toEqual([5])
    })

    test('[STO12] a page of items ends early where their bodies are large, and none is cut', async () => {
      const store = await start()
      const text = 'y'.repeat(3 * 1024 * 1024)
      for (let seq = 0; seq < 4; seq += 1) store.write(s1.item(seq, { body: { text } }))
      const first = await store.listItems({ sessionId: 's1', limit: 4, order: 'oldestFirst' })
      expect(first.rows.map(({ seq, body }) => [seq, body.text === text])).toEqual([
        [0, true],
        [1, true],
      ])
      const pageToken = String(first.nextPageToken)
      const second = await store.listItems({ sessionId: 's1', limit: 4, order: 'oldestFirst', pageToken })
      expect([second.rows.map(({ seq }) => seq), second.nextPageToken]).toEqual([[2, 3], null])
    })

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
