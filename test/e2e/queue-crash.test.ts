/** What waits outlives the hub, and what was on its way when the hub was killed is never sent twice. Real Codex, kill -9. */
import { existsSync } from 'node:fs'
import { afterEach, expect, it } from 'vitest'
import type { HubClient } from '../../src/client/client.ts'
import { isAtLeast } from '../../src/connectors/codex/version.ts'
import type { Script } from '../../src/demo/scripted-model.ts'
import type { SessionState } from '../../src/protocol/session-state.ts'
import { type HubProcess, makeHubProcess } from '../harness/hub-process.ts'
import { versionOfTestCodex } from '../harness/test-codex.ts'
import { until } from '../harness/until.ts'
import { isIdle, said, stateWhere, text } from '../harness/watch.ts'

/** Sessions outlive the hub only where Codex can listen on a socket. */
const survives = existsSync('/proc') && isAtLeast(await versionOfTestCodex(), '0.142.0')

let release: () => void = () => {}
const script: Script = ({ lastUserText }) => {
  if (!lastUserText.startsWith('wait')) return [{ say: `heard: ${lastUserText}` }]
  return [{ say: 'waiting' }, { until: new Promise<void>((resolve) => (release = resolve)) }]
}

let hub: HubProcess
afterEach(() => hub.close())

async function begin(prompt: string, config = {}) {
  hub = await makeHubProcess({ script }, config)
  await hub.start()
  const client = hub.client()
  const { session } = await client.command('session/create', { cwd: hub.codex.project, input: text(prompt) })
  const view = client.session(session.id)
  await stateWhere(view, (state) => (prompt === 'wait' ? said(state).includes('waiting') : isIdle(state)))
  const pid = async () => {
    const { processes } = await client.request('hub/status', {})
    return processes.find(({ sessionId }) => sessionId === session.id)?.pid ?? 0
  }
  return { client, view, sessionId: session.id, pid }
}

const prompts = ({ items }: SessionState): unknown[] =>
  items
    .filter(({ type }) => type === 'userMessage')
    .map(({ body }) => (body.content as { text: string }[])[0]?.text)
/** How often the model was asked this. */
const asked = (prompt: string): number =>
  hub.codex.model.requests.filter(({ lastUserText }) => lastUserText === prompt).length

it.runIf(survives)(
  '[QUE8] what waits survives a killed hub, and is sent once when the turn ends',
  async () => {
    const { client, sessionId } = await begin('wait')
    const sent = await client.command('session/send', { sessionId, input: text('after it') })
    await hub.kill()
    await hub.start()
    const view = hub.client().session(sessionId)
    const back = await stateWhere(view, ({ summary }) => summary.door === 'driven')
    expect(back.queue.entries).toMatchObject([{ id: sent.entryId, text: 'after it', state: 'waiting' }])
    release()
    const done = await stateWhere(view, (state) => isIdle(state) && state.turns.length === 2)
    expect([prompts(done), asked('after it')]).toEqual([['wait', 'after it'], 1])
  },
)

/** Stop Codex so that it cannot answer, and let the queue send to it. */
async function holdWhileSending(client: HubClient, sessionId: string, pid: number): Promise<string> {
  const view = client.session(sessionId)
  process.kill(pid, 'SIGSTOP')
  const { entry } = await client.command('queue/add', { sessionId, input: text('once only') })
  await stateWhere(view, ({ queue }) => queue.entries[0]?.state === 'sending')
  await expect(
    client.command('queue/edit', { sessionId, entryId: entry.id, input: text('too late') }),
  ).rejects.toMatchObject({ data: { name: 'notPossible', facts: { reason: 'sending', entryId: entry.id } } })
  await expect(client.command('queue/remove', { sessionId, entryId: entry.id })).rejects.toMatchObject({
    data: { name: 'notPossible', facts: { reason: 'sending' } },
  })
  return entry.id
}

it.runIf(survives)(
  '[QUE9] what was being sent when the hub was killed and is in the history of Codex counts as sent',
  async () => {
    const { client, sessionId, pid } = await begin('hello')
    const codex = await pid()
    const entryId = await holdWhileSending(client, sessionId, codex)
    // The request has left; the hub will never read the answer.
    process.kill(hub.pid, 'SIGSTOP')
    process.kill(codex, 'SIGCONT')
    await until(() => asked('once only') === 1)
    await hub.kill()
    await hub.start()
    const view = hub.client().session(sessionId)
    const done = await stateWhere(view, (state) => isIdle(state) && state.queue.sent.length === 1)
    expect(done.queue).toMatchObject({
      entries: [],
      hold: null,
      sent: [{ id: entryId, turnId: done.turns[1]?.id }],
    })
    expect([prompts(done), asked('once only')]).toEqual([['hello', 'once only'], 1])
  },
)

it.runIf(existsSync('/proc'))(
  '[QUE10] what was being sent and is nowhere is shown as indeterminate, and sent again by a person only',
  async () => {
    const { client, sessionId, pid } = await begin('hello')
    const codex = await pid()
    const entryId = await holdWhileSending(client, sessionId, codex)
    await hub.kill()
    process.kill(codex, 'SIGKILL')
    await hub.start()
    const again = hub.client()
    const view = again.session(sessionId)
    const found = await stateWhere(view, ({ summary }) => summary.attention?.reason === 'failed')
    expect(found.queue).toMatchObject({
      entries: [{ id: entryId, problem: 'The hub stopped while it was being sent.' }],
      hold: { reason: 'indeterminate' },
    })
    expect(found.summary).toMatchObject({
      attention: { reason: 'failed' },
    })
    await expect(again.command('queue/resume', { sessionId })).rejects.toMatchObject({
      data: { name: 'notPossible', facts: { reason: 'indeterminate', entryId } },
    })
    // Another restart does not send it either.
    await hub.kill()
    await hub.start()
    const third = hub.client()
    const later = third.session(sessionId)
    await stateWhere(later, ({ queue }) => queue.entries[0]?.state === 'indeterminate')
    expect(asked('once only')).toBe(0)
    await third.command('queue/retry', { sessionId, entryId })
    const done = await stateWhere(later, (state) => isIdle(state) && said(state).includes('heard: once only'))
    expect([done.queue.entries, done.queue.hold, asked('once only')]).toEqual([[], null, 1])
  },
)

it('[QUE11] a session where nothing runs is resumed when a prompt is due, also by a hub that started later', async () => {
  const { client, view, sessionId } = await begin('hello', { parkAfterMs: 200 })
  await stateWhere(view, ({ summary }) => summary.phase === 'parked')
  await client.command('session/send', { sessionId, input: text('soon'), notBefore: Date.now() + 1_000 })
  expect(view.getSnapshot().state?.summary.phase).toBe('parked')
  await stateWhere(view, (state) => said(state).includes('heard: soon'))
  await stateWhere(view, ({ summary }) => summary.phase === 'parked')
  await client.command('session/send', { sessionId, input: text('meanwhile'), notBefore: Date.now() + 500 })
  await hub.stop()
  await hub.start()
  const later = hub.client().session(sessionId)
  const done = await stateWhere(later, (state) => isIdle(state) && said(state).includes('heard: meanwhile'))
  expect(prompts(done)).toEqual(['hello', 'soon', 'meanwhile'])
})

it('[QUE12] a session that ends holds what waits, and a resumed queue brings it back', async () => {
  const { client, view, sessionId } = await begin('wait')
  await client.command('session/send', { sessionId, input: text('later') })
  await client.command('session/end', { sessionId, force: true })
  const held = await stateWhere(
    view,
    ({ summary, queue }) => summary.phase === 'closed' && queue.hold !== null,
  )
  expect(held.queue.entries).toHaveLength(1)
  expect(['ended', 'interrupted']).toContain(held.queue.hold?.reason)
  await client.command('queue/resume', { sessionId })
  const done = await stateWhere(view, (state) => isIdle(state) && said(state).includes('heard: later'))
  expect(done.summary.door).toBe('driven')
})
