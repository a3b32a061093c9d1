import { existsSync } from 'node:fs'
import { afterEach, expect, it } from 'vitest'
import type { Script } from '../../src/demo/scripted-model.ts'
import { type HubProcess, makeHubProcess } from '../harness/hub-process.ts'
import { versionOfTestCodex } from '../harness/test-codex.ts'
import { until } from '../harness/until.ts'
import { isIdle, said, stateWhere, text } from '../harness/watch.ts'

/** Sessions outlive the hub only where Codex can listen on a socket. */
const version = await versionOfTestCodex()
const survives = existsSync('/proc') && version.localeCompare('0.142.0', 'en', { numeric: true }) >= 0

const SLOW = 'one two three four five six seven eight nine ten eleven twelve'

/** Nothing that older releases hold for harmless: those run without asking. */
const COMMAND = 'touch made-by-the-agent && echo hi'

const script: Script = (request) => {
  const tool = request.toolNames.includes('exec_command') ? 'exec_command' : 'shell'
  if (request.lastUserText.startsWith('slow')) return [{ say: SLOW, pauseMs: 350 }]
  if (request.lastUserText.startsWith('run') && !request.afterTool) {
    const args = { cmd: COMMAND, sandbox_permissions: 'require_escalated', justification: 'to see' }
    return [
      { call: tool, args: { ...args, command: ['bash', '-lc', COMMAND], with_escalated_permissions: true } },
    ]
  }
  return [{ say: `heard: ${request.userTexts.join(' | ')}` }]
}

let hub: HubProcess
afterEach(() => hub.close())

async function begin(config = {}): Promise<string> {
  hub = await makeHubProcess({ script }, config)
  await hub.start()
  const { session } = await hub.client().command('session/create', {
    cwd: hub.codex.project,
    settings: { approvalPolicy: 'on-request', sandbox: 'workspace-write' },
  })
  return session.id
}

it.runIf(survives)(
  '[REC1] a turn goes on while the hub is killed, and is joined again: same turn, same process, no item twice',
  async () => {
    const sessionId = await begin()
    const before = hub.client()
    const { turnId } = await before.command('session/send', { sessionId, input: text('slow') })
    await stateWhere(before.session(sessionId), (state) => (said(state)[0] ?? '').includes('three'))
    const pids = hub.codexPids()
    await hub.kill()
    await hub.start()
    const session = hub.client().session(sessionId)
    const joined = await stateWhere(session, ({ summary }) => summary.door === 'driven')
    expect(joined.turns.map(({ id, status }) => [id, status])).toEqual([[turnId, 'inProgress']])
    expect(joined.items.at(-1)).toMatchObject({ status: 'inProgress', hole: true })
    expect(hub.codexPids().some((pid) => pids.includes(pid))).toBe(true)
    const done = await stateWhere(session, isIdle)
    expect(done.turns.map(({ id, status }) => [id, status])).toEqual([[turnId, 'completed']])
    expect(done.items.map(({ type, status, hole }) => [type, status, hole])).toEqual([
      ['userMessage', 'completed', undefined],
      ['agentMessage', 'completed', undefined],
    ])
    expect(said(done)).toEqual([SLOW])
  },
)

it.runIf(survives)(
  '[REC2] an open approval outlives a killed hub under the same id, and its answer reaches the turn',
  async () => {
    const sessionId = await begin()
    const before = hub.client()
    await before.command('session/send', { sessionId, input: text('run') })
    const waiting = await stateWhere(
      before.session(sessionId),
      ({ summary }) => summary.phase === 'awaitingApproval',
    )
    const approvalId = waiting.approvals[0]?.id ?? ''
    await hub.kill()
    await hub.start()
    const client = hub.client()
    const session = client.session(sessionId)
    const again = await stateWhere(session, ({ summary }) => summary.phase === 'awaitingApproval')
    expect(again.approvals.map(({ id, state }) => [id, state])).toEqual([[approvalId, 'pending']])
    await client.command('approval/decide', { sessionId, approvalId, answer: { choice: 'accept' } })
    const done = await stateWhere(session, isIdle)
    expect(done.approvals[0]?.outcome).toMatchObject({
      choice: 'accept',
      by: { clientId: 'id-test', name: 'test' },
    })
    const command = done.items.find(({ type }) => type === 'commandExecution')
    expect(command).toMatchObject({ status: 'completed', body: { exitCode: 0 } })
  },
)

it.runIf(survives)('[REC3] what ended while no hub was there is read back, and nothing twice', async () => {
  const sessionId = await begin()
  const before = hub.client()
  await before.command('session/send', { sessionId, input: text('slow') })
  await stateWhere(before.session(sessionId), (state) => (said(state)[0] ?? '').includes('two'))
  await hub.kill()
  // The turn's end is in the rollout once the model was asked and the answer is through.
  await until(() => hub.codex.model.answered === 1)
  await hub.start()
  const done = await stateWhere(hub.client().session(sessionId), isIdle)
  expect(said(done)).toEqual([SLOW])
  expect(done.turns.map(({ status }) => status)).toEqual(['completed'])
  expect(done.items).toHaveLength(2)
})

it.runIf(survives)(
  '[REC4] the processes of a hub that does not come back end by themselves after their turn',
  async () => {
    const sessionId = await begin({ graceMs: 1_000 })
    await hub.client().command('session/send', { sessionId, input: text('slow') })
    expect(hub.codexPids().length).toBeGreaterThan(0)
    await hub.kill()
    await until(() => hub.codexPids().length === 0)
    expect(hub.codex.model.answered).toBe(1)
  },
  60_000,
)

it.runIf(survives)(
  '[REC5] a hub that is stopped leaves its sessions running; asked to, it ends them',
  async () => {
    const sessionId = await begin()
    const client = hub.client()
    await client.command('session/send', { sessionId, input: text('hello') })
    await stateWhere(client.session(sessionId), isIdle)
    const pids = hub.codexPids()
    expect(await hub.stop()).toBe(0)
    expect(hub.codexPids().filter((pid) => pids.includes(pid))).toHaveLength(1)
    await hub.start()
    await stateWhere(hub.client().session(sessionId), ({ summary }) => summary.door === 'driven')
    await hub.client().request('hub/shutdown', { stopSessions: true })
    await until(() => hub.codexPids().length === 0)
  },
)

it('[REC6] a Codex that dies in a turn costs that turn: the session comes back with its memory', async () => {
  const sessionId = await begin()
  const client = hub.client()
  const session = client.session(sessionId)
  await client.command('session/send', { sessionId, input: text('first') })
  await stateWhere(session, isIdle)
  await client.command('session/send', { sessionId, input: text('slow') })
  await stateWhere(session, (state) => (said(state)[1] ?? '').includes('two'))
  const { processes } = await client.request('hub/status', {})
  process.kill(processes.find((entry) => entry.sessionId === sessionId)?.pid ?? 0, 'SIGKILL')
  const back = await stateWhere(session, (state) => state.summary.problem !== null && isIdle(state))
  expect(back.turns.map(({ status }) => status)).toEqual(['completed', 'interrupted'])
  expect(back.summary).toMatchObject({
    door: 'driven',
    problem: { code: 'processDied' },
    attention: { reason: 'failed' },
  })
  await client.command('session/send', { sessionId, input: text('again') })
  const done = await stateWhere(session, (state) => state.turns.length === 3 && isIdle(state))
  expect(said(done).at(-1)).toBe('heard: first | slow | again')
  expect(done.summary.threadId).toBe(back.summary.threadId)
})

it('[REC31] a turn that was cut when hub and Codex ended together keeps nobody from the next prompt', async () => {
  const sessionId = await begin()
  const client = hub.client()
  await client.command('session/send', { sessionId, input: text('slow') })
  await stateWhere(client.session(sessionId), (state) => said(state).join('').startsWith('one'))
  await hub.kill()
  for (const pid of hub.codexPids()) process.kill(pid, 'SIGKILL')
  await hub.start()
  const later = hub.client()
  // What the home holds has been looked at.
  await until(async () => {
    const { homes } = await later.request('home/list', {})
    return homes.some(({ threads, waiting }) => threads === 1 && waiting === 0)
  })
  await later.command('session/send', { sessionId, input: text('again') })
  const done = await stateWhere(
    later.session(sessionId),
    (state) => state.turns.length === 2 && isIdle(state),
  )
  expect(done.turns.map(({ status }) => status)).toEqual(['interrupted', 'completed'])
})

it('[REC7] a command that was answered is answered the same after a killed hub, and does not run twice', async () => {
  const sessionId = await begin()
  const commandId = 'command-of-this-test'
  const answer = await hub.client().command('session/send', { sessionId, commandId, input: text('once') })
  await stateWhere(hub.client().session(sessionId), isIdle)
  await hub.kill()
  await hub.start()
  expect(await hub.client().command('session/send', { sessionId, commandId, input: text('once') })).toEqual(
    answer,
  )
  expect(hub.codex.model.requests).toHaveLength(1)
})

it('[REC8] a second hub on the same folder is refused with the pid of the first', async () => {
  await begin()
  const first = hub.pid
  const { failed } = await hub.start()
  expect(failed).toMatchObject({ name: 'StoreError', fault: 'folderLocked', facts: { pid: first } })
  process.kill(first, 'SIGKILL')
})
