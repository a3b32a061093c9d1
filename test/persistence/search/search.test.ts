import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import type { SearchQuery } from '../../../src/persistence/paging.ts'
import { hits, pendingPage } from '../../../src/persistence/search/queries.ts'
import type { Store } from '../../../src/persistence/store.ts'
import { itemOf, sessionOf } from '../../harness/stored.ts'
import { until } from '../../harness/until.ts'
import { makeFolder, openIn } from '../folder.ts'

const SECOND = 1_000

const say = (store: Store, sessionId: string, seq: number, text: string, over: object = {}) =>
  store.write({
    kind: 'item',
    sessionId,
    item: itemOf(seq, { body: { text }, completedAt: seq * SECOND, ...over }),
  })
const ask = (store: Store, sessionId: string, seq: number, text: string) =>
  say(store, sessionId, seq, '', {
    type: 'userMessage',
    body: {
      content: [
        { type: 'text', text },
        { type: 'image', url: 'data:,needle' },
      ],
    },
  })

async function find(store: Store, query: string, over: Partial<SearchQuery> = {}) {
  const { rows, nextPageToken } = await store.search({ query, limit: 50, sessionIds: null, ...over })
  const places = rows.map(({ sessionId, kind, seq }) => `${sessionId} ${kind} ${seq ?? '-'}`)
  return { places, nextPageToken, rows }
}

test('[FTS6] titles, prompts and agent messages are found, and nothing else; a hit names its place', async () => {
  const store = await openIn(await makeFolder())
  store.write({ kind: 'session', session: sessionOf('s1', { title: 'The needle', createdAt: 9 * SECOND }) })
  ask(store, 's1', 1, 'find the needle')
  say(store, 's1', 2, 'Here is the *needle*.')
  say(store, 's1', 3, 'needle', { type: 'reasoning', body: { summary: ['needle'] } })
  say(store, 's1', 4, 'needle', { status: 'inProgress' })
  const { rows, places } = await find(store, 'needle')
  expect(places).toEqual(['s1 title -', 's1 message 2', 's1 prompt 1'])
  expect(rows[1]).toEqual({
    sessionId: 's1',
    kind: 'message',
    itemId: 'item-2',
    turnId: 'turn-1',
    seq: 2,
    at: 2_000,
    snippet: { text: 'Here is the *needle*.', marks: [{ start: 13, end: 19 }] },
  })
  // What still grew is found when it has ended.
  say(store, 's1', 4, 'needle')
  expect((await find(store, 'needle', { kinds: ['message'] })).places).toEqual([
    's1 message 4',
    's1 message 2',
  ])
})

test('[FTS7] what is changed, taken back or removed is found no longer', async () => {
  const store = await openIn(await makeFolder())
  for (const id of ['s1', 's2', 's3'])
    store.write({ kind: 'session', session: sessionOf(id, { title: `rose ${id}` }) })
  for (const id of ['s1', 's2', 's3']) for (const seq of [1, 2]) say(store, id, seq, 'rose')
  expect((await find(store, 'rose')).places).toHaveLength(9)
  say(store, 's1', 1, 'tulip')
  store.write({ kind: 'session', session: sessionOf('s1', { title: 'tulip s1' }) })
  store.write({ kind: 'removed', sessionId: 's1', turnIds: [], itemIds: ['item-2'] })
  store.write({ kind: 'historyRemoved', sessionId: 's2' })
  store.write({ kind: 'sessionRemoved', sessionId: 's3' })
  expect((await find(store, 'rose')).places).toEqual(['s2 title -'])
  expect((await find(store, 'tulip')).places.toSorted()).toEqual(['s1 message 1', 's1 title -'])
})

test('[FTS8] pages go on where they ended, whatever is said meanwhile', async () => {
  const store = await openIn(await makeFolder())
  store.write({ kind: 'session', session: sessionOf('s1') })
  for (let seq = 1; seq <= 7; seq += 1) say(store, 's1', seq, 'word', { completedAt: 5 * SECOND + seq })
  const first = await find(store, 'word', { limit: 3 })
  expect(first.places).toEqual(['s1 message 7', 's1 message 6', 's1 message 5'])
  say(store, 's1', 8, 'word', { completedAt: 60 * SECOND })
  say(store, 's1', 9, 'word', { completedAt: 2 * SECOND })
  store.write({ kind: 'removed', sessionId: 's1', turnIds: [], itemIds: ['item-5'] })
  const second = await find(store, 'word', { limit: 3, pageToken: String(first.nextPageToken) })
  expect(second.places).toEqual(['s1 message 4', 's1 message 3', 's1 message 2'])
  const third = await find(store, 'word', { limit: 3, pageToken: String(second.nextPageToken) })
  expect([third.places, third.nextPageToken]).toEqual([['s1 message 1', 's1 message 9'], null])
  const forged = store.search({ query: 'word', limit: 3, sessionIds: null, pageToken: 'bnVsbA' })
  await expect(forged).rejects.toMatchObject({ fault: 'invalidPageToken' })
})

test('[FTS8] texts of one and the same moment are told apart, however many', async () => {
  const store = await openIn(await makeFolder())
  store.write({ kind: 'session', session: sessionOf('s1', { title: 'none' }) })
  for (let seq = 0; seq < 1_500; seq += 1)
    say(store, 's1', seq, 'word', { completedAt: null, startedAt: null })
  await store.flush()
  // A search waits for a few steps of it only; what is indexed between two pages may come before the second.
  await until(async () => (await store.textsWaiting()) === 0)
  const seen = new Set<string>()
  let pageToken: string | undefined
  do {
    const page = await find(store, 'word', { limit: 400, ...(pageToken ? { pageToken } : {}) })
    for (const place of page.places) seen.add(place)
    pageToken = page.nextPageToken ?? undefined
  } while (pageToken)
  expect(seen.size).toBe(1_500)
})

test('[FTS9] hits are filtered by session, kind and time, and kept from flooding a page', async () => {
  const store = await openIn(await makeFolder())
  for (const id of ['a', 'b']) {
    store.write({ kind: 'session', session: sessionOf(id, { title: 'none' }) })
    for (let seq = 1; seq <= 4; seq += 1) {
      if (seq === 4) ask(store, id, seq, 'word')
      else say(store, id, seq, 'word')
    }
  }
  const places = async (over: Partial<SearchQuery>) => (await find(store, 'word', over)).places
  expect(await places({ sessionIds: new Set(['b']), kinds: ['prompt'] })).toEqual(['b prompt 4'])
  expect(await places({ sessionIds: new Set() })).toEqual([])
  expect((await places({ since: 2 * SECOND, until: 3 * SECOND })).toSorted()).toEqual([
    'a message 2',
    'b message 2',
  ])
  expect((await places({ perSession: 1 })).toSorted()).toEqual(['a prompt 4', 'b prompt 4'])
})

test('[FTS4] a query in the language of SQLite is words like any other', async () => {
  const store = await openIn(await makeFolder())
  store.write({ kind: 'session', session: sessionOf('s1', { title: 'none' }) })
  say(store, 's1', 1, 'drop near or not and words: the NEAR(end)')
  for (const query of [
    '"',
    "'",
    'NEAR(',
    'a AND',
    'NOT',
    '*',
    'words:',
    '^drop',
    '{x}: y',
    '(',
    'a -b',
    '\u0000',
    '🎉',
  ])
    await expect(find(store, query)).resolves.toBeDefined()
  expect((await find(store, 'NEAR( NOT')).places).toEqual(['s1 message 1'])
  expect((await find(store, 'words: ^drop OR')).places).toEqual(['s1 message 1'])
})

test('[FTS10] hits come from the index in the order of time, without sorting, and what waits likewise', async () => {
  const folder = await makeFolder()
  await openIn(folder)
  const database = new Database(join(folder, 'hub.sqlite'), { readonly: true })
  onTestFinished(() => void database.close())
  const plan = (query: { compile(): { sql: string; parameters: readonly unknown[] } }) => {
    const { sql, parameters } = query.compile()
    const steps = database.prepare(`explain query plan ${sql}`).all(...parameters) as { detail: string }[]
    return steps.map(({ detail }) => detail)
  }
  expect(plan(hits({ match: '"a"', beforeId: 9n, fromId: 0n }))).toEqual([
    expect.stringMatching(/^SCAN search VIRTUAL TABLE INDEX \d+:M\d?.*[<>]/),
    'SEARCH search_texts USING INTEGER PRIMARY KEY (rowid=?)',
  ])
  expect(plan(pendingPage(9))).toEqual(['SCAN search_pending'])
})

test('[FTS13] a rollout comes into the index in pieces, each with where it goes on; the store knows better', async () => {
  const store = await openIn(await makeFolder())
  store.write({ kind: 'session', session: sessionOf('s1', { title: 'none' }) })
  const text = (n: number, words: string) => {
    return { itemId: `item-${n}`, turnId: `turn-${n}`, kind: 'prompt' as const, at: n, text: words }
  }
  const piece = {
    threadId: 't1',
    sessionId: 's1',
    stamp: 'a',
    startsOver: false,
    removedTurnIds: [],
    texts: [],
  }
  const first = { ...piece, startsOver: true, texts: [text(1, 'oak'), text(2, 'oak')], readState: '{"at":1}' }
  expect(await store.indexRollout(first)).toMatchObject({ isWanted: true })
  expect(await store.loadIndexState('t1')).toEqual({ stamp: 'a', state: { at: 1 } })
  expect(await store.loadIndexedRollouts()).toEqual([
    { threadId: 't1', sessionId: 's1', stamp: 'a', isWhole: false },
  ])
  await store.indexRollout({ ...piece, texts: [text(3, 'oak')], removedTurnIds: ['turn-2'], readState: null })
  expect(await store.loadIndexState('t1')).toBeNull()
  const found = await find(store, 'oak')
  expect(found.rows.map(({ itemId, seq, snippet }) => [itemId, seq, snippet.text])).toEqual([
    ['item-3', null, 'oak'],
    ['item-1', null, 'oak'],
  ])
  // Opened: the items of the store take the place of what the file said of them.
  say(store, 's1', 3, 'elm')
  expect((await find(store, 'oak')).rows.map(({ itemId }) => itemId)).toEqual(['item-1'])
  await store.indexRollout({ ...piece, texts: [text(3, 'oak')], readState: null })
  expect((await find(store, 'elm')).places).toEqual(['s1 message 3'])
  await store.forgetRollout('t1', 's1')
  expect([(await find(store, 'oak')).rows, await store.loadIndexedRollouts()]).toEqual([[], []])
  const gone = await store.indexRollout({ ...first, sessionId: 'never' })
  expect(gone).toMatchObject({ isWanted: false })
})
