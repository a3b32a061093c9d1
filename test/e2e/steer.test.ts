/** Input into a running turn, and what a prompt can change, against the real Codex and the scripted model. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { HubClient } from '../../src/client/client.ts'
import { isAtLeast } from '../../src/connectors/codex/version.ts'
import type { ModelRequest } from '../../src/demo/model-request.ts'
import type { Script } from '../../src/demo/scripted-model.ts'
import { HeldTurns } from '../harness/held-turns.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { versionOfTestCodex } from '../harness/test-codex.ts'
import { isIdle, said, stateWhere, text } from '../harness/watch.ts'

const heldTurns = new HeldTurns()
const requests: ModelRequest[] = []

const script: Script = (request) => {
  requests.push(request)
  // Busy, Codex may ask again for what it was steered to before the test has said all.
  if (!['wait', 'one more thing'].includes(request.lastUserText))
    return [{ say: `heard: ${request.userTexts.join(' | ')}` }]
  return [{ say: 'waiting' }, { until: heldTurns.wait() }]
}

let test: TestHub
let client: HubClient

beforeAll(async () => {
  test = await makeHub({ script, model: 'gpt-5.5' })
  client = test.client('laptop')
})
afterAll(() => test.close())

async function begin(prompt: string) {
  const { session, turnId } = await client.command('session/create', {
    cwd: test.codex.project,
    settings: { sandbox: 'workspace-write', approvalPolicy: 'on-request' },
    input: text(prompt),
  })
  return { sessionId: session.id, turnId: String(turnId), view: client.session(session.id) }
}

const steers = isAtLeast(await versionOfTestCodex(), '0.120.0')

it.runIf(!steers)('[OPS2] a release that cannot steer refuses it, and the turn goes on', async () => {
  const { sessionId, view } = await begin('wait')
  const { summary } = await stateWhere(view, (state) => said(state).includes('waiting'))
  expect(summary.capabilities).not.toContain('session/steer')
  await expect(client.command('session/steer', { sessionId, input: text('more') })).rejects.toMatchObject({
    data: { name: 'unsupported' },
  })
  heldTurns.goOn()
  expect(said(await stateWhere(view, isIdle)).at(-1)).toBe('waiting')
})

it.runIf(steers)(
  '[OPS1] input for the running turn reaches it, by session/steer and by session/send',
  async () => {
    const { sessionId, turnId, view } = await begin('wait')
    const waiting = await stateWhere(view, (state) => said(state).includes('waiting'))
    expect(waiting.summary.capabilities).toContain('session/steer')
    const steered = await client.command('session/steer', {
      sessionId,
      expectedTurnId: turnId,
      input: text('one more thing'),
    })
    expect(steered).toEqual({ turnId })
    const sent = await client.command('session/send', {
      sessionId,
      input: text('and this'),
      whenBusy: 'steer',
    })
    expect(sent).toEqual({ turnId, taken: 'steered', entryId: null })
    heldTurns.goOn()
    const state = await stateWhere(view, isIdle)
    expect(said(state).at(-1)).toBe('heard: wait | one more thing | and this')
    expect(state.turns.map(({ id, status }) => ({ id, status }))).toEqual([
      { id: turnId, status: 'completed' },
    ])
    expect(state.items.filter(({ type }) => type === 'userMessage')).toHaveLength(3)
    expect(state.summary.capabilities).not.toContain('session/steer')
  },
)

it.runIf(steers)('[OPS2] steering another turn, or an idle session, is refused', async () => {
  const { sessionId, turnId, view } = await begin('wait')
  await stateWhere(view, (state) => said(state).includes('waiting'))
  const input = text('too late')
  await expect(
    client.command('session/steer', { sessionId, expectedTurnId: 'other', input }),
  ).rejects.toMatchObject({ data: { name: 'stale', facts: { running: turnId } } })
  await expect(
    client.command('session/send', { sessionId, input, whenBusy: 'steer', settings: { effort: 'low' } }),
  ).rejects.toMatchObject({ data: { name: 'notPossible', facts: { reason: 'turnInProgress' } } })
  heldTurns.goOn()
  await stateWhere(view, isIdle)
  await expect(
    client.command('session/steer', { sessionId, expectedTurnId: turnId, input }),
  ).rejects.toMatchObject({ data: { name: 'stale', facts: { running: null } } })
  await expect(client.command('session/steer', { sessionId, input })).rejects.toMatchObject({
    data: { name: 'notPossible', facts: { reason: 'noTurn', phase: 'idle' } },
  })
})

it('[OPS3] a prompt changes what its turn and the next ones run with', async () => {
  const { sessionId, view } = await begin('hello')
  await stateWhere(view, isIdle)
  const cwd = join(test.codex.project, 'inner')
  mkdirSync(cwd, { recursive: true })
  const settings = {
    model: 'gpt-5.4',
    effort: 'high',
    sandbox: 'read-only',
    approvalPolicy: 'never',
  } as const
  const outputSchema = {
    type: 'object',
    properties: { done: { type: 'boolean' } },
    required: ['done'],
    additionalProperties: false,
  }
  const sent = await client.command('session/send', {
    sessionId,
    input: text('as json'),
    settings,
    cwd,
    outputSchema,
  })
  const state = await stateWhere(view, (each) => isIdle(each) && said(each).length === 2)
  expect(sent).toEqual({ turnId: state.turns.at(-1)?.id, taken: 'started', entryId: null })
  expect(state.summary).toMatchObject({ cwd, settings })
  expect(state.turns.at(-1)).toMatchObject({ ...settings, cwd })
  const request = requests.findLast(({ lastUserText }) => lastUserText === 'as json')
  expect(request?.model).toBe('gpt-5.4')
  expect(request?.body).toMatchObject({
    reasoning: { effort: 'high' },
    text: { format: { type: 'json_schema', schema: outputSchema } },
  })
  // What is changed from here on is not what the turn before ran with.
  await client.command('session/configure', { sessionId, settings: { sandbox: 'workspace-write' } })
  await client.command('session/send', { sessionId, input: text('once more') })
  await stateWhere(view, (each) => isIdle(each) && said(each).length === 3)
  const next = requests.findLast(({ lastUserText }) => lastUserText === 'once more')
  expect(next?.body).toMatchObject({ model: 'gpt-5.4', reasoning: { effort: 'high' } })
  expect((next?.body.text as { format?: unknown } | undefined)?.format).toBeUndefined()
  const { turns, summary } = view.getSnapshot().state ?? {}
  expect(turns?.map(({ sandbox }) => sandbox).slice(1)).toEqual(['read-only', 'workspace-write'])
  expect(summary?.settings.sandbox).toBe('workspace-write')
})

it('[OPS4] an effort the model does not have is refused with those it has', async () => {
  const { sessionId, view } = await begin('hello')
  const before = await stateWhere(view, isIdle)
  const { models } = await client.request('model/list', { includeHidden: true })
  // Which models there are depends on the release.
  const { id: model, efforts } = models.find((each) => each.efforts.includes('high')) ?? { id: '' }
  const settings = { model, effort: 'heroic' }
  const refusal = {
    data: { name: 'invalidParams', facts: { field: 'settings.effort', model, efforts } },
  }
  await expect(
    client.command('session/send', { sessionId, input: text('no'), settings }),
  ).rejects.toMatchObject(refusal)
  await expect(client.command('session/configure', { sessionId, settings })).rejects.toMatchObject(refusal)
  const { session } = await client.request('session/get', { sessionId })
  expect(session).toMatchObject({ phase: 'idle', counters: before.summary.counters })
})
