/** Turns taken back, with the real Codex: they leave Codex, the store, every client, and the pages clients loaded before. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HubClient } from '../../src/client/client.ts'
import { isAtLeast } from '../../src/connectors/codex/version.ts'
import type { Script } from '../../src/demo/scripted-model.ts'
import type { SessionState } from '../../src/protocol/session-state.ts'
import { HeldTurns } from '../harness/held-turns.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { versionOfTestCodex } from '../harness/test-codex.ts'
import { isIdle, said, stateWhere, text } from '../harness/watch.ts'

const version = await versionOfTestCodex()
const heldTurns = new HeldTurns()
const script: Script = ({ lastUserText, userTexts }) =>
  lastUserText === 'wait'
    ? [{ say: 'waiting' }, { until: heldTurns.wait() }]
    : [{ say: `heard: ${userTexts.join(' | ')}` }]

let test: TestHub
let client: HubClient

beforeAll(async () => {
  test = await makeHub({ script })
  client = test.client('laptop')
})
afterAll(() => test.close())

async function begin(...prompts: string[]) {
  const [first = '', ...rest] = prompts
  const { session } = await client.command('session/create', { cwd: test.codex.project, input: text(first) })
  const view = client.session(session.id)
  await stateWhere(view, isIdle)
  for (const [index, prompt] of rest.entries()) {
    await client.command('session/send', { sessionId: session.id, input: text(prompt) })
    await stateWhere(view, (state) => isIdle(state) && state.turns.length === index + 2)
  }
  return { sessionId: session.id, view }
}

const prompts = ({ items }: Pick<SessionState, 'items'>): unknown[] =>
  items
    .filter(({ type }) => type === 'userMessage')
    .map(({ body }) => (body.content as { text: string }[])[0]?.text)

it('[REV1] the newest turns leave Codex, the store and every client, and the next prompt does not know them', async () => {
  const { sessionId, view } = await begin('one', 'two', 'three')
  const other = test.client('phone').session(sessionId)
  const before = await stateWhere(other, isIdle)
  const answer = await client.command('session/revert', { sessionId, count: 2 })
  expect(answer).toMatchObject({
    turnIds: before.turns.slice(1).map(({ id }) => id),
    files: {
      state: 'untouched',
      message: 'Only the history was reverted: files are as the turns left them.',
      paths: [],
      backup: null,
    },
    session: { counters: { turns: 1, prompts: 1, items: 2 }, lastMessage: 'heard: one', unread: 0 },
  })
  for (const each of [view, other]) {
    const state = await stateWhere(
      each,
      ({ turns, summary }) => turns.length === 1 && summary.counters.turns === 1,
    )
    expect([prompts(state), said(state)]).toEqual([['one'], ['heard: one']])
  }
  const { items } = await client.request('session/items', { sessionId })
  const { turns } = await client.request('session/turns', { sessionId })
  expect([items.length, turns.map(({ id }) => id)]).toEqual([2, [before.turns[0]?.id]])
  await client.command('session/send', { sessionId, input: text('four') })
  const done = await stateWhere(view, (state) => isIdle(state) && state.turns.length === 2)
  expect(said(done)).toEqual(['heard: one', 'heard: one | four'])
  // Nothing comes back with a restart, which reads Codex's history again.
  await test.restart()
  client = test.client('laptop')
  await client.command('session/resume', { sessionId })
  const again = await stateWhere(client.session(sessionId), isIdle)
  expect([prompts(again), said(again)]).toEqual([['one', 'four'], said(done)])
})

it('[REV2] reverting to a turn takes that turn and all after it; all turns can go', async () => {
  const { sessionId, view } = await begin('one', 'two', 'three')
  const { turns } = await stateWhere(view, isIdle)
  await client.command('session/revert', { sessionId, turnId: String(turns[1]?.id) })
  const one = await stateWhere(view, (state) => state.turns.length === 1)
  expect(prompts(one)).toEqual(['one'])
  await client.command('session/revert', { sessionId, turnId: String(turns[0]?.id) })
  const none = await stateWhere(view, (state) => state.turns.length === 0)
  expect([none.items, none.summary.counters]).toEqual([[], { turns: 0, items: 0, prompts: 0, tools: 0 }])
  await client.command('session/send', { sessionId, input: text('anew') })
  const anew = await stateWhere(view, (state) => isIdle(state) && state.turns.length === 1)
  expect(said(anew)).toEqual(['heard: anew'])
})

it('[REV3] a running turn, more turns than there are, and unknown turns are refused, and nothing changes', async () => {
  const { sessionId, view } = await begin('one', 'two')
  const revert = (more: object) => client.command('session/revert', { sessionId, ...more })
  await expect(revert({ count: 3 })).rejects.toMatchObject({
    data: { name: 'notPossible', facts: { reason: 'tooFewTurns', turns: 2 } },
  })
  await expect(revert({ turnId: 'another' })).rejects.toMatchObject({
    data: { name: 'notFound', facts: { turnId: 'another' } },
  })
  for (const wrong of [{}, { count: 1, turnId: 'both' }]) {
    await expect(revert(wrong)).rejects.toMatchObject({ data: { name: 'invalidParams' } })
  }
  await client.command('session/send', { sessionId, input: text('wait') })
  const running = await stateWhere(view, (state) => said(state).includes('waiting'))
  expect(running.summary.capabilities).not.toContain('session/revert')
  await expect(revert({ count: 1 })).rejects.toMatchObject({
    data: { name: 'notPossible', facts: { reason: 'turnInProgress' } },
  })
  heldTurns.goOn()
  const done = await stateWhere(view, (state) => isIdle(state) && state.turns.length === 3)
  expect(prompts(done)).toEqual(['one', 'two', 'wait'])
})

it('[REV4] a session where nothing runs is resumed for it', async () => {
  const { sessionId, view } = await begin('one', 'two')
  await client.command('session/end', { sessionId })
  await client.command('session/revert', { sessionId, count: 1 })
  const state = await stateWhere(view, ({ turns }) => turns.length === 1)
  expect([prompts(state), state.summary.door]).toEqual([['one'], 'driven'])
})

// A turn with so many items needs what older releases do not have in one answer.
describe.runIf(isAtLeast(version, '0.142.0'))('a long session', () => {
  it('[REV5] pages that a client loaded before lose them too, and older items take their place in the window', async () => {
    const { sessionId, view } = await begin('one')
    const many = Array.from({ length: 150 }, (_, index) => ({ say: `part ${index}` }))
    test.codex.model.use(({ lastUserText }) => (lastUserText === 'one' ? [{ say: 'x' }] : many))
    for (const [index, prompt] of ['long a', 'long b'].entries()) {
      await client.command('session/send', { sessionId, input: text(prompt) })
      await stateWhere(view, (state) => isIdle(state) && state.turns.length === index + 2, 60_000)
    }
    test.codex.model.use(script)
    expect(view.getSnapshot().state?.items.some(({ turnId }, _, all) => turnId === all[0]?.turnId)).toBe(true)
    while (view.getSnapshot().hasOlder !== false) await view.loadOlder()
    expect(view.getSnapshot().older.length).toBeGreaterThan(100)
    const turns = view.getSnapshot().state?.turns ?? []
    await client.command('session/revert', { sessionId, turnId: String(turns[1]?.id) })
    const state = await stateWhere(view, (each) => each.summary.counters.turns === 1)
    expect([prompts(state), said(state)]).toEqual([['one'], ['heard: one']])
    expect(view.getSnapshot().older).toEqual([])
  }, 120_000)
})
