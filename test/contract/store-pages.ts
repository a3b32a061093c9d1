/** The part of the store's contract that is about lists, pages and windows. */
import { expect, test } from 'vitest'
import type { Store } from '../../src/persistence/store.ts'
import { approvalOf, decidedOf, itemOf, sessionOf, summaryOf, turnOf } from '../harness/stored.ts'

const s1 = {
  item: (seq: number, over = {}) => ({ kind: 'item' as const, sessionId: 's1', item: itemOf(seq, over) }),
  turn: (seq: number) => ({ kind: 'turn' as const, sessionId: 's1', turn: turnOf(seq) }),
}

/** Registers the tests; `start` opens an empty store. */
export function describePages(start: () => Promise<Store>): void {
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
    for (let seq = 0; seq < 5; seq += 1) store.write(s1.item(seq, { turnId: seq < 2 ? 'turn-1' : 'turn-2' }))
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
    // What has not ended stays, however old it is.
    for (const seq of [1, 2]) store.write(s1.item(seq, { body, status: 'inProgress' }))
    expect(await window(2, 1e9)).toEqual([1, 2, 4, 5])
    expect(await window(1, 1e9)).toEqual([2, 5])
    expect(await window(9, 1e9)).toEqual([0, 1, 2, 3, 4, 5])
    for (const seq of [1, 2]) store.write(s1.item(seq, { body }))
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
}
