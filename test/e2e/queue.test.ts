/** Prompts that wait, against the real Codex and the scripted model. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { HubClient } from '../../src/client/client.ts'
import { isAtLeast } from '../../src/connectors/codex/version.ts'
import type { Script } from '../../src/demo/scripted-model.ts'
import type { SessionState } from '../../src/protocol/session-state.ts'
import { HeldTurns } from '../harness/held-turns.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { versionOfTestCodex } from '../harness/test-codex.ts'
import { isIdle, said, stateWhere, text } from '../harness/watch.ts'

const heldTurns = new HeldTurns()

const script: Script = ({ lastUserText }) => {
  if (lastUserText.startsWith('fail')) return [{ fail: 'as it was told' }]
  if (!lastUserText.startsWith('wait')) return [{ say: `heard: ${lastUserText}` }]
  return [{ say: 'waiting' }, { until: heldTurns.wait() }]
}

let test: TestHub
let client: HubClient

beforeAll(async () => {
  test = await makeHub({ script })
  client = test.client('laptop')
})
afterAll(() => test.close())

/** A session in a turn that goes on until `heldTurns.goOn()`. */
async function begin(prompt = 'wait') {
  const { session } = await client.command('session/create', { cwd: test.codex.project, input: text(prompt) })
  const view = client.session(session.id)
  if (prompt === 'wait') await stateWhere(view, (state) => said(state).includes('waiting'))
  else await stateWhere(view, isIdle)
  return { sessionId: session.id, view }
}

const send = (sessionId: string, prompt: string, more = {}) =>
  client.command('session/send', { sessionId, input: text(prompt), ...more })
const waiting = ({ queue }: SessionState): string[] => queue.entries.map((entry) => entry.text)
const prompts = ({ items }: SessionState): unknown[] =>
  items
    .filter(({ type }) => type === 'userMessage')
    .map(({ body }) => (body.content as { text: string }[])[0]?.text)

it('[QUE1] prompts in a running turn wait, are seen by every client, and are sent one after the other', async () => {
  const { sessionId, view } = await begin()
  const answers = [await send(sessionId, 'first'), await send(sessionId, 'second')]
  expect(answers).toEqual([1, 2].map(() => ({ turnId: null, taken: 'queued', entryId: expect.any(String) })))
  const other = test.client('phone').session(sessionId)
  const seen = await stateWhere(other, (state) => state.queue.entries.length === 2)
  expect(seen.queue).toEqual({
    hold: null,
    sent: [],
    entries: ['first', 'second'].map((prompt, seq) => ({
      id: answers[seq]?.entryId,
      seq,
      state: 'waiting',
      text: prompt,
      attachments: 0,
      bytes: expect.any(Number),
      settings: {},
      cwd: null,
      hasOutputSchema: false,
      notBefore: null,
      by: { clientId: 'id-laptop', name: 'laptop' },
      createdAt: expect.any(Number),
      edition: 0,
      problem: null,
    })),
  })
  expect(seen.summary.queue).toEqual({ entries: 2, isHeld: false })
  heldTurns.goOn()
  const done = await stateWhere(view, (state) => isIdle(state) && state.turns.length === 3)
  expect(prompts(done)).toEqual(['wait', 'first', 'second'])
  expect(done.queue).toMatchObject({
    entries: [],
    hold: null,
    sent: answers.map(({ entryId }, index) => ({ id: entryId, turnId: done.turns[index + 1]?.id })),
  })
  expect(done.summary.queue).toBeNull()
})

it('[QUE2] what waits is edited, moved and removed; what somebody else did meanwhile is not overwritten', async () => {
  const { sessionId, view } = await begin()
  const ids: string[] = []
  for (const prompt of ['one', 'two', 'three']) ids.push(String((await send(sessionId, prompt)).entryId))
  const [one = '', two = '', three = ''] = ids
  const { entry } = await client.command('queue/edit', {
    sessionId,
    entryId: two,
    edition: 0,
    input: text('two, better'),
    settings: { effort: 'low' },
  })
  expect(entry).toMatchObject({ id: two, edition: 1, text: 'two, better', settings: { effort: 'low' } })
  await expect(
    client.command('queue/edit', { sessionId, entryId: two, edition: 0, input: text('two, worse') }),
  ).rejects.toMatchObject({ data: { name: 'stale', facts: { entryId: two, edition: 1 } } })
  await client.command('queue/move', { sessionId, entryId: three, before: one })
  const { queue } = await client.command('queue/remove', { sessionId, entryId: one })
  expect(queue.entries.map(({ id }) => id)).toEqual([three, two])
  await expect(client.command('queue/remove', { sessionId, entryId: one })).rejects.toMatchObject({
    data: { name: 'notFound', facts: { entryId: one, turnId: null } },
  })
  const read = await client.request('queue/read', { sessionId, entryId: two })
  expect(read.prompt).toEqual({
    input: text('two, better'),
    settings: { effort: 'low' },
    cwd: null,
    outputSchema: null,
  })
  heldTurns.goOn()
  const done = await stateWhere(view, (state) => isIdle(state) && state.turns.length === 3)
  expect(prompts(done)).toEqual(['wait', 'three', 'two, better'])
  expect(done.summary.settings.effort).toBe('low')
})

it('[QUE3] after an interrupted turn the queue is held and says why; resumed it goes on', async () => {
  const { sessionId, view } = await begin()
  await send(sessionId, 'later')
  await client.command('session/interrupt', { sessionId })
  const held = await stateWhere(view, (state) => state.queue.hold !== null)
  expect(held.queue.hold).toEqual({
    reason: 'interrupted',
    message: 'The last turn was interrupted.',
    by: null,
    at: expect.any(Number),
  })
  expect(held.summary.queue).toEqual({ entries: 1, isHeld: true })
  // A prompt of a person comes before what is held, and does not let it go on.
  expect(await send(sessionId, 'instead')).toMatchObject({ taken: 'started', entryId: null })
  const instead = await stateWhere(view, (state) => isIdle(state) && state.turns.length === 2)
  expect([waiting(instead), instead.queue.hold?.reason]).toEqual([['later'], 'interrupted'])
  await client.command('queue/resume', { sessionId })
  const done = await stateWhere(view, (state) => isIdle(state) && state.turns.length === 3)
  expect([prompts(done), done.queue.hold]).toEqual([['wait', 'instead', 'later'], null])
  heldTurns.goOn()
})

it('[QUE3] after a failed turn the queue is held with what failed', async () => {
  const { sessionId, view } = await begin()
  await send(sessionId, 'fail now')
  await send(sessionId, 'later')
  heldTurns.goOn()
  const held = await stateWhere(view, (state) => state.queue.hold !== null)
  expect([held.queue.hold?.reason, waiting(held)]).toEqual(['failed', ['later']])
  expect(held.queue.hold?.message).toContain('as it was told')
  await client.command('queue/resume', { sessionId })
  const done = await stateWhere(view, (state) => isIdle(state) && state.turns.length === 3)
  expect(said(done).at(-1)).toBe('heard: later')
})

it('[QUE4] a paused queue sends nothing until it is resumed, and says who paused it', async () => {
  const { sessionId, view } = await begin('hello')
  await client.command('queue/pause', { sessionId })
  await client.command('queue/add', { sessionId, input: text('queued') })
  const paused = await stateWhere(view, (state) => state.queue.entries.length === 1)
  expect(paused.queue.hold).toMatchObject({ reason: 'paused', by: { name: 'laptop' } })
  expect(paused.turns).toHaveLength(1)
  await client.command('queue/resume', { sessionId })
  await stateWhere(view, (state) => isIdle(state) && said(state).includes('heard: queued'))
})

it.runIf(isAtLeast(await versionOfTestCodex(), '0.120.0'))(
  '[QUE5] an entry is promoted into the running turn; one that would change its settings is not',
  async () => {
    const { sessionId, view } = await begin()
    const plain = String((await send(sessionId, 'by the way')).entryId)
    const other = String((await send(sessionId, 'with effort', { settings: { effort: 'low' } })).entryId)
    await expect(client.command('queue/steer', { sessionId, entryId: other })).rejects.toMatchObject({
      data: { name: 'notPossible', facts: { reason: 'turnInProgress', entryId: other } },
    })
    await expect(
      client.command('queue/steer', { sessionId, entryId: plain, expectedTurnId: 'another' }),
    ).rejects.toMatchObject({ data: { name: 'stale' } })
    const { turnId } = await client.command('queue/steer', { sessionId, entryId: plain })
    heldTurns.goOn()
    const done = await stateWhere(view, (state) => isIdle(state) && state.turns.length === 2)
    expect(done.turns[0]?.id).toBe(turnId)
    expect(done.queue.sent.map(({ id }) => id)).toEqual([plain, other])
    expect(prompts(done)).toEqual(['wait', 'by the way', 'with effort'])
  },
)

it('[QUE6] a prompt with a time waits for it, and lets others pass', async () => {
  const { sessionId, view } = await begin('hello')
  const notBefore = Date.now() + 2_000
  const sent = await send(sessionId, 'at its time', { notBefore })
  expect(sent).toMatchObject({ taken: 'queued', turnId: null })
  expect(await send(sessionId, 'now')).toMatchObject({ taken: 'started' })
  const done = await stateWhere(view, (state) => isIdle(state) && state.turns.length === 3)
  expect(prompts(done)).toEqual(['hello', 'now', 'at its time'])
  expect(done.turns[2]?.startedAt).toBeGreaterThanOrEqual(notBefore - 1_000)
})

it('[QUE7] a queue takes no more than it can hold', async () => {
  const { sessionId } = await begin('hello')
  await client.command('queue/pause', { sessionId })
  const picture = { type: 'image' as const, url: `data:image/png;base64,${'A'.repeat(6_000_000)}` }
  for (let count = 0; count < 5; count++) await client.command('queue/add', { sessionId, input: [picture] })
  await expect(client.command('queue/add', { sessionId, input: [picture] })).rejects.toMatchObject({
    data: { name: 'overloaded', facts: { bytes: expect.any(Number), maxBytes: 32 * 1024 * 1024 } },
  })
  for (let count = 0; count < 95; count++) await client.command('queue/add', { sessionId, input: text('x') })
  await expect(client.command('queue/add', { sessionId, input: text('x') })).rejects.toMatchObject({
    data: { name: 'overloaded', facts: { entries: 100, maxEntries: 100 } },
  })
})
