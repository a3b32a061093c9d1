/** Two clients who do contrary things at once, against the real Codex and the scripted model. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { HubClient } from '../../src/client/client.ts'
import { isAtLeast } from '../../src/connectors/codex/version.ts'
import type { Script } from '../../src/demo/scripted-model.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { versionOfTestCodex } from '../harness/test-codex.ts'
import { isIdle, said, stateWhere, text } from '../harness/watch.ts'

const version = await versionOfTestCodex()
const deletesThreads = isAtLeast(version, '0.142.0')

let tap = Promise.withResolvers<void>()
const script: Script = ({ lastUserText, userTexts }) =>
  lastUserText === 'wait'
    ? [{ say: 'waiting' }, { until: tap.promise }]
    : [{ say: `heard: ${userTexts.join(' | ')}` }]

let test: TestHub
let one: HubClient
let other: HubClient

beforeAll(async () => {
  test = await makeHub({ script })
  one = test.client('one')
  other = test.client('other')
})
afterAll(() => test.close())

async function begin(prompt = 'hello') {
  const { session } = await one.command('session/create', { cwd: test.codex.project, input: text(prompt) })
  const view = one.session(session.id)
  const fits = prompt === 'wait' ? () => true : isIdle
  const state = await stateWhere(view, (each) => said(each).length === 1 && fits(each))
  return { sessionId: session.id, view, state }
}

/** What became of both: `done`, or the name of the refusal and its reason. */
async function both(a: Promise<unknown>, b: Promise<unknown>): Promise<string[]> {
  const outcomes = await Promise.allSettled([a, b])
  return outcomes.map((outcome) => {
    if (outcome.status === 'fulfilled') return 'done'
    const { name, facts } = outcome.reason.data ?? { name: String(outcome.reason) }
    return [name, facts?.reason].filter(Boolean).join(' ')
  })
}

const send = (sessionId: string) =>
  other.command('session/send', { sessionId, input: text('more'), whenBusy: 'reject' })

/** What the one does; the other sends a prompt. */
const contraries: readonly [string, (sessionId: string) => Promise<unknown>][] = [
  ['archived', (sessionId) => one.command('session/archive', { sessionId })],
  ['released', (sessionId) => one.command('session/release', { sessionId })],
  ['deleted', (sessionId) => one.command('session/delete', { sessionId, codex: deletesThreads })],
  ['reverted', (sessionId) => one.command('session/revert', { sessionId, count: 1 })],
  ['compacted', (sessionId) => one.command('session/compact', { sessionId })],
]

it.each(contraries)('[OPS10] what is %s is not prompted at the same time', async (_name, act) => {
  for (const isPromptFirst of [false, true]) {
    const { sessionId, view } = await begin()
    const acts = [() => act(sessionId), () => send(sessionId)] as const
    const outcomes = isPromptFirst ? await both(acts[1](), acts[0]()) : await both(acts[0](), acts[1]())
    expect(outcomes.toSorted()).toEqual(['done', expect.stringMatching(/^notPossible/)])
    const isPrompted = outcomes.indexOf('done') === (isPromptFirst ? 0 : 1)
    if (!isPrompted) continue
    const state = await stateWhere(view, (each) => isIdle(each) && each.turns.length === 2)
    expect(state.turns.map(({ status }) => status)).toEqual(['completed', 'completed'])
    expect(said(state).at(-1)).toBe('heard: hello | more')
    expect([state.summary.archived, state.summary.door]).toEqual([false, 'driven'])
  }
})

it.runIf(isAtLeast(version, '0.120.0'))(
  '[OPS10] a turn is interrupted by one and steered by the other: it is over, and nothing else began',
  async () => {
    tap = Promise.withResolvers()
    const { sessionId, view } = await begin('wait')
    const steer = other.command('session/steer', { sessionId, input: text('and more') })
    const outcomes = await both(one.command('session/interrupt', { sessionId }), steer)
    tap.resolve()
    expect(outcomes[0]).toBe('done')
    expect(outcomes[1]).toMatch(/^(done|stale|notPossible|codexFailed)/)
    const state = await stateWhere(view, isIdle)
    expect(state.turns.map(({ status }) => status)).toEqual(['interrupted'])
  },
)

it('[OPS10] the same turns are taken back once', async () => {
  const { sessionId, view } = await begin()
  await send(sessionId)
  await stateWhere(view, (state) => isIdle(state) && state.turns.length === 2)
  const revert = (client: HubClient) => client.command('session/revert', { sessionId, count: 1 })
  const outcomes = await both(revert(one), revert(other))
  expect(outcomes.toSorted()).toEqual(['done', 'notPossible turnInProgress'])
  const state = await stateWhere(view, (each) => each.turns.length === 1)
  expect(said(state)).toEqual(['heard: hello'])
})

it('[OPS10] a prompt that waits is removed by one and sent now by the other: it arrives once or not at all', async () => {
  tap = Promise.withResolvers()
  const { sessionId, view } = await begin('wait')
  const { entry } = await one.command('queue/add', { sessionId, input: text('and more') })
  const target = { sessionId, entryId: entry.id }
  const outcomes = await both(one.command('queue/remove', target), other.command('queue/steer', target))
  tap.resolve()
  expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1)
  const state = await stateWhere(view, (each) => isIdle(each) && each.queue.entries.length === 0)
  const arrived = state.items.filter(({ type }) => type === 'userMessage').length - 1
  expect(arrived).toBe(outcomes[1] === 'done' ? 1 : 0)
})

it('[OPS10] two names at once: both clients are left with the same one', async () => {
  const { sessionId, view } = await begin()
  const rename = (client: HubClient, name: string) => client.command('session/rename', { sessionId, name })
  expect(await both(rename(one, 'First'), rename(other, 'Second'))).toEqual(['done', 'done'])
  const { summary } = await stateWhere(view, (state) => state.summary.titleSource === 'name')
  const seen = await stateWhere(other.session(sessionId), (state) => state.summary.titleSource === 'name')
  expect(['First', 'Second']).toContain(summary.title)
  expect(seen.summary.title).toBe(summary.title)
})

it.runIf(isAtLeast(version, '0.98.0'))(
  '[OPS11] an archived session takes nothing until it is brought back',
  async () => {
    const { sessionId, view, state } = await begin()
    const { session } = await one.command('session/archive', { sessionId })
    expect(session.capabilities).toEqual([
      'session/delete',
      'session/end',
      'session/fork',
      'session/markRead',
      'session/rename',
      'session/unarchive',
    ])
    const refusal = { data: { name: 'notPossible', facts: { reason: 'archived' } } }
    await expect(send(sessionId)).rejects.toMatchObject(refusal)
    await expect(one.command('session/resume', { sessionId })).rejects.toMatchObject(refusal)
    await expect(one.command('session/compact', { sessionId })).rejects.toMatchObject(refusal)
    await expect(one.command('session/revert', { sessionId, count: 1 })).rejects.toMatchObject(refusal)
    const now = await stateWhere(view, ({ summary }) => summary.archived)
    expect([now.summary.phase, now.turns, said(now)]).toEqual(['dormant', state.turns, said(state)])
    await one.command('session/unarchive', { sessionId })
    await send(sessionId)
    const after = await stateWhere(view, (each) => isIdle(each) && each.turns.length === 2)
    expect(said(after).at(-1)).toBe('heard: hello | more')
  },
)
