/** Sessions that share one Codex process, with the real Codex. */
import { appendFileSync, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import type { HubClient } from '../../src/client/client.ts'
import { isAtLeast } from '../../src/connectors/codex/version.ts'
import type { Script } from '../../src/demo/scripted-model.ts'
import type { ConfigRequest } from '../../src/server/config.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { type HubProcess, makeHubProcess } from '../harness/hub-process.ts'
import { versionOfTestCodex } from '../harness/test-codex.ts'
import { until } from '../harness/until.ts'
import { isIdle, said, stateWhere, text } from '../harness/watch.ts'

const hasSockets = isAtLeast(await versionOfTestCodex(), '0.142.0') && existsSync('/proc')

const COMMAND = 'touch made-by-the-agent && echo hi'
let gate = Promise.withResolvers<void>()

const script: Script = (request) => {
  const { lastUserText, userTexts, afterTool } = request
  if (lastUserText.startsWith('run') && !afterTool) {
    const args = { cmd: COMMAND, sandbox_permissions: 'require_escalated', justification: lastUserText }
    return [{ call: 'exec_command', args }]
  }
  if (lastUserText.startsWith('wait')) return [{ say: 'waiting ' }, { until: gate.promise }, { say: 'done' }]
  return [{ say: `heard: ${userTexts.join(' | ')}` }]
}

let close: () => Promise<void> = async () => {}
afterEach(async () => {
  gate.resolve()
  await close()
  gate = Promise.withResolvers()
})

const ASKING = { approvalPolicy: 'on-request', sandbox: 'workspace-write' } as const

async function start(config: ConfigRequest = {}): Promise<{ test: TestHub; client: HubClient }> {
  const test = await makeHub({ script, config: { isolation: 'shared', ...config } })
  close = () => test.close()
  return { test, client: test.client('laptop') }
}

async function startProcess(): Promise<HubProcess> {
  const hub = await makeHubProcess({ script }, { isolation: 'shared' })
  close = () => hub.close()
  await hub.start()
  return hub
}

async function create(client: HubClient, cwd: string, more = {}): Promise<string> {
  const { session } = await client.command('session/create', { cwd, settings: ASKING, ...more })
  return session.id
}

const say = (client: HubClient, sessionId: string, prompt: string) =>
  client.command('session/send', { sessionId, input: text(prompt) })

/** Processes that sessions run on, by their pids. */
async function pidsOf(client: HubClient): Promise<number[]> {
  const { processes } = await client.request('hub/status', {})
  return processes.filter(({ isShared, sessionId }) => isShared || sessionId !== null).map(({ pid }) => pid)
}

const locks = ({ codex }: { codex: { home: string } }) =>
  readdirSync(join(codex.home, 'thread-writer-locks')).filter((name) => !name.startsWith('.'))

it.runIf(hasSockets)(
  '[ISO1] sessions that share a process are prompted, asked, answered, steered and interrupted each for itself',
  async () => {
    const { test, client } = await start()
    const ids = await Promise.all([1, 2, 3].map(() => create(client, test.codex.project)))
    const [a = '', b = '', c = ''] = ids
    expect(await pidsOf(client)).toHaveLength(1)
    await say(client, a, 'run a')
    await say(client, b, 'run b')
    const { turnId } = await say(client, c, 'wait c')
    const asked = await Promise.all(
      [a, b].map((id) =>
        stateWhere(client.session(id), ({ summary }) => summary.phase === 'awaitingApproval'),
      ),
    )
    expect(asked.map(({ approvals }) => approvals.map(({ reason }) => reason))).toEqual([
      ['run a'],
      ['run b'],
    ])
    await client.command('approval/decide', {
      sessionId: a,
      approvalId: asked[0]?.approvals[0]?.id ?? '',
      answer: { choice: 'accept' },
    })
    expect(said(await stateWhere(client.session(a), isIdle))).toEqual(['heard: run a'])
    expect(
      client
        .session(b)
        .getSnapshot()
        .state?.approvals.map(({ state }) => state),
    ).toEqual(['pending'])
    await client.command('session/interrupt', { sessionId: b })
    const cut = await stateWhere(client.session(b), isIdle)
    expect(cut.turns.map(({ status }) => status)).toEqual(['interrupted'])
    const third = await stateWhere(client.session(c), ({ summary }) => summary.phase !== 'idle')
    expect(third.summary).toMatchObject({ phase: 'working', isolation: 'shared' })
    await client.command('session/steer', { sessionId: c, input: text('more'), expectedTurnId: turnId ?? '' })
    gate.resolve()
    const steered = await stateWhere(client.session(c), isIdle)
    expect(said(steered).at(-1)).toBe('heard: wait c | more')
    const { session: fork } = await client.command('session/fork', { sessionId: a })
    await say(client, fork.id, 'and on')
    expect(said(await stateWhere(client.session(fork.id), isIdle)).at(-1)).toBe('heard: run a | and on')
    expect(fork.isolation).toBe('shared')
    expect(await pidsOf(client)).toHaveLength(1)
  },
)

it.runIf(hasSockets)(
  '[ISO2] a session that ends leaves the others as they are and says that its thread is kept open; the last one ends the process',
  async () => {
    const { test, client } = await start()
    const a = await create(client, test.codex.project)
    const b = await create(client, test.codex.project)
    const [pid] = await pidsOf(client)
    await say(client, a, 'one')
    await stateWhere(client.session(a), isIdle)
    await say(client, b, 'wait b')
    await stateWhere(client.session(b), ({ summary }) => summary.phase === 'working')
    await expect(client.command('session/release', { sessionId: a })).rejects.toMatchObject({
      data: { name: 'notPossible', facts: { reason: 'sharedProcess' } },
    })
    const { session: ended } = await client.command('session/end', { sessionId: a })
    expect(ended).toMatchObject({ phase: 'closed', isolation: null })
    expect(ended.note).toMatch(/keeps the thread open/)
    expect(await pidsOf(client)).toEqual([pid])
    expect(client.session(b).getSnapshot().state?.summary.phase).toBe('working')
    await say(client, a, 'two')
    const again = await stateWhere(client.session(a), (state) => isIdle(state) && state.turns.length === 2)
    expect(said(again)).toEqual(['heard: one', 'heard: one | two'])
    expect(again.summary).toMatchObject({ isolation: 'shared', note: null })
    expect(await pidsOf(client)).toEqual([pid])
    await client.command('session/end', { sessionId: a })
    const { session: archived } = await client.command('session/archive', { sessionId: a })
    expect(archived.archived).toBe(true)
    await stateWhere(client.session(a), ({ summary }) => summary.note === null)
    gate.resolve()
    await stateWhere(client.session(b), isIdle)
    await client.command('session/end', { sessionId: b })
    expect(await pidsOf(client)).toEqual([])
    expect(locks(test)).toEqual([])
  },
)

it.runIf(hasSockets)(
  '[ISO3] when the shared process is killed every session comes back for itself, on one process and its own thread',
  async () => {
    const { test, client } = await start()
    const [a = '', b = '', c = ''] = await Promise.all(
      [1, 2, 3].map(() => create(client, test.codex.project)),
    )
    for (const id of [a, b, c]) {
      await say(client, id, `first ${id}`)
      await stateWhere(client.session(id), isIdle)
    }
    const threads = [a, b, c].map((id) => client.session(id).getSnapshot().state?.summary.threadId)
    await say(client, a, 'wait a')
    await say(client, b, 'run b')
    await stateWhere(client.session(a), (state) => said(state).includes('waiting '))
    await stateWhere(client.session(b), ({ summary }) => summary.phase === 'awaitingApproval')
    const [pid = 0] = await pidsOf(client)
    process.kill(pid, 'SIGKILL')
    const back = await Promise.all(
      [a, b].map((id) =>
        stateWhere(client.session(id), (state) => isIdle(state) && state.summary.door === 'driven'),
      ),
    )
    expect(back.map(({ turns }) => turns.map(({ status }) => status))).toEqual([
      ['completed', 'interrupted'],
      ['completed', 'interrupted'],
    ])
    expect(back[1]?.approvals.map(({ state }) => state)).toEqual(['withdrawn'])
    await stateWhere(client.session(c), ({ summary }) => summary.phase === 'dormant')
    for (const id of [a, b, c]) {
      await say(client, id, 'then')
      const state = await stateWhere(
        client.session(id),
        (now) => isIdle(now) && said(now).at(-1)?.endsWith('then') === true,
      )
      expect(said(state).at(-1)).toContain(`first ${id}`)
    }
    expect([a, b, c].map((id) => client.session(id).getSnapshot().state?.summary.threadId)).toEqual(threads)
    const after = await pidsOf(client)
    expect(after).toHaveLength(1)
    expect(after).not.toContain(pid)
  },
)

it.runIf(hasSockets)(
  '[ISO4] when the hub is killed its next one joins the one process with all its sessions, running turns and approvals included',
  async () => {
    const hub = await startProcess()
    const before = hub.client()
    const [a = '', b = '', c = ''] = await Promise.all([1, 2, 3].map(() => create(before, hub.codex.project)))
    await say(before, c, 'one')
    await stateWhere(before.session(c), isIdle)
    const { turnId } = await say(before, a, 'wait a')
    await say(before, b, 'run b')
    await stateWhere(before.session(a), (state) => said(state).includes('waiting '))
    const asked = await stateWhere(before.session(b), ({ summary }) => summary.phase === 'awaitingApproval')
    const pids = await pidsOf(before)
    await hub.kill()
    await hub.start()
    const client = hub.client()
    const joined = await Promise.all(
      [a, b, c].map((id) => stateWhere(client.session(id), ({ summary }) => summary.door === 'driven')),
    )
    expect(joined[0]?.turns.map(({ id, status }) => [id, status])).toEqual([[turnId, 'inProgress']])
    const open = await stateWhere(client.session(b), ({ summary }) => summary.phase === 'awaitingApproval')
    expect(open.approvals.map(({ id, state }) => [id, state])).toEqual([[asked.approvals[0]?.id, 'pending']])
    await client.command('approval/decide', {
      sessionId: b,
      approvalId: asked.approvals[0]?.id ?? '',
      answer: { choice: 'accept' },
    })
    gate.resolve()
    expect(said(await stateWhere(client.session(a), isIdle))).toEqual(['waiting ', 'done'])
    expect(said(await stateWhere(client.session(b), isIdle))).toEqual(['heard: run b'])
    await say(client, c, 'two')
    expect(
      said(await stateWhere(client.session(c), (state) => isIdle(state) && state.turns.length === 2)),
    ).toEqual(['heard: one', 'heard: one | two'])
    expect(await pidsOf(client)).toEqual(pids)
  },
)

it.runIf(hasSockets)(
  '[ISO5] the limit of living processes counts a shared one once, and one of them is put away as a whole',
  async () => {
    const { test, client } = await start({ maxProcesses: 1 })
    const [a = '', b = ''] = await Promise.all([1, 2].map(() => create(client, test.codex.project)))
    await say(client, a, 'wait a')
    await stateWhere(client.session(a), ({ summary }) => summary.phase === 'working')
    await expect(create(client, test.codex.project, { isolation: 'process' })).rejects.toMatchObject({
      data: { name: 'overloaded', facts: { living: 1, maxProcesses: 1 } },
    })
    gate.resolve()
    await stateWhere(client.session(a), isIdle)
    await say(client, b, 'one')
    await stateWhere(client.session(b), isIdle)
    const own = await create(client, test.codex.project, { isolation: 'process' })
    for (const id of [a, b]) await stateWhere(client.session(id), ({ summary }) => summary.phase === 'parked')
    const { processes } = await client.request('hub/status', {})
    expect(processes.filter(({ isShared }) => isShared)).toEqual([])
    expect(processes.some(({ sessionId }) => sessionId === own)).toBe(true)
  },
)

it.runIf(hasSockets)(
  '[ISO6] a session may have a process of its own, and sessions that begin after the configuration changed share another one',
  async () => {
    const { test, client } = await start({ isolation: 'process' })
    const own = await create(client, test.codex.project)
    const shared = await create(client, test.codex.project, { isolation: 'shared' })
    const kinds = await Promise.all(
      [own, shared].map((id) => stateWhere(client.session(id), ({ summary }) => summary.phase === 'idle')),
    )
    expect(kinds.map(({ summary }) => summary.isolation)).toEqual(['process', 'shared'])
    expect(await pidsOf(client)).toHaveLength(2)
    await say(client, shared, 'one')
    await stateWhere(client.session(shared), isIdle)
    appendFileSync(join(test.codex.home, 'config.toml'), '\n# changed\n')
    const later = await create(client, test.codex.project, { isolation: 'shared' })
    await say(client, later, 'new')
    expect(said(await stateWhere(client.session(later), isIdle))).toEqual(['heard: new'])
    expect(await pidsOf(client)).toHaveLength(3)
    await say(client, shared, 'two')
    await stateWhere(client.session(shared), (state) => isIdle(state) && state.turns.length === 2)
    await client.command('session/end', { sessionId: shared })
    expect(await pidsOf(client)).toHaveLength(2)
  },
)

it('[ISO7] without a socket a session that asks to share is refused, and what is only configured has a process each', async () => {
  const { test, client } = await start({ transport: 'stdio' })
  await expect(create(client, test.codex.project, { isolation: 'shared' })).rejects.toMatchObject({
    data: { name: 'unsupported' },
  })
  const id = await create(client, test.codex.project)
  const { summary } = await stateWhere(client.session(id), (state) => state.summary.phase === 'idle')
  expect(summary.isolation).toBe('process')
})

it.runIf(hasSockets)(
  '[ISO8] a session that is put away keeps its place until Codex lets go of it, and is taken out on the same process',
  async () => {
    const { test, client } = await start({ parkAfterMs: 1_500 })
    const [a = '', b = ''] = await Promise.all([1, 2].map(() => create(client, test.codex.project)))
    await say(client, a, 'one')
    await say(client, b, 'wait b')
    const [pid] = await pidsOf(client)
    const parked = await stateWhere(client.session(a), ({ summary }) => summary.phase === 'parked')
    await until(() => client.session(a).getSnapshot().state?.summary.note !== null)
    expect(parked.summary.isolation).toBe(null)
    await say(client, a, 'two')
    const again = await stateWhere(client.session(a), ({ turns }) => turns.length === 2)
    expect(again.summary.note).toBe(null)
    expect(await pidsOf(client)).toEqual([pid])
    gate.resolve()
    for (const id of [a, b]) await stateWhere(client.session(id), ({ summary }) => summary.phase === 'parked')
    await until(async () => (await pidsOf(client)).length === 0)
    await until(() => locks(test).length === 0)
  },
)
