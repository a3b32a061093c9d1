/** Modes and profiles of a session, its plan, its goal, its MCP servers and its background commands, in the real Codex. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readStartToken } from '../../src/base/process-identity.ts'
import type { HubClient } from '../../src/client/client.ts'
import { isAtLeast } from '../../src/connectors/codex/version.ts'
import type { Script } from '../../src/demo/scripted-model.ts'
import type { SessionState } from '../../src/protocol/session-state.ts'
import { cliOf } from '../cli/run-cli.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { versionOfTestCodex } from '../harness/test-codex.ts'
import { until } from '../harness/until.ts'
import { isIdle, said, stateWhere, text } from '../harness/watch.ts'

const SERVER = fileURLToPath(new URL('../fixtures/programs/mcp-asks.mjs', import.meta.url))
const version = await versionOfTestCodex()
const since = (release: string) => isAtLeast(version, release)

const PLAN = '# Plan\n- one\n- two\n'
const script: Script = (request) => {
  if (request.afterTool) return [{ say: 'It runs.' }]
  const { lastUserText: prompt } = request
  if (prompt.startsWith('plan')) return [{ say: `Here:\n<proposed_plan>\n${PLAN}</proposed_plan>\nGood?` }]
  const [, file] = /^background (\w+)$/.exec(prompt) ?? []
  if (file) {
    const cmd = `echo $$ > ${file}; sleep 0.4; echo begun; exec sleep 1000`
    return [{ call: 'exec_command', args: { cmd, yield_time_ms: 250 } }]
  }
  return [{ say: `heard ${prompt}` }]
}

let test: TestHub
let client: HubClient
const folder = mkdtempSync(join(tmpdir(), 'starts-'))
/** A line for each start of the MCP server. */
const startsFile = join(folder, 'starts')

beforeAll(async () => {
  test = await makeHub({
    script,
    toml: `[mcp_servers.asks]\ncommand = ${JSON.stringify(process.execPath)}\nargs = [${JSON.stringify(SERVER)}]\nenv = { STARTS = ${JSON.stringify(startsFile)} }\n[mcp_servers.broken]\ncommand = "/no/such/server"`,
  })
  client = test.client('laptop')
})
afterAll(async () => {
  await test.close()
  rmSync(folder, { recursive: true })
})

async function begin(settings: object = {}) {
  const { session } = await client.command('session/create', { cwd: test.codex.project, settings })
  return { sessionId: session.id, view: client.session(session.id) }
}

async function propose() {
  const { sessionId, view } = await begin()
  await client.command('session/send', { sessionId, input: text('plan it'), settings: { mode: 'plan' } })
  const state = await stateWhere(view, isIdle)
  const plan = state.items.find(({ type }) => type === 'plan')
  return { sessionId, view, plan }
}

/** The pid that a background command wrote, once its shell has come that far. */
async function pidIn(name: string): Promise<number> {
  const file = join(test.codex.project, name)
  await until(() => existsSync(file) && readFileSync(file, 'utf8').trim() !== '')
  return Number(readFileSync(file, 'utf8'))
}

async function printedTerminals(sessionId: string) {
  const list = () => client.request('terminal/list', { sessionId })
  await until(async () => (await list()).terminals.some(({ output }) => output !== ''))
  return list()
}

describe.runIf(since('0.142.0'))('plans', () => {
  it('[CAT11] a prompt may ask for Plan mode; the plan is an item of its own, and the mode stays until it is changed', async () => {
    const { sessionId, view, plan } = await propose()
    expect(plan).toMatchObject({ type: 'plan', status: 'completed', body: { text: PLAN } })
    const { summary } = await stateWhere(view, isIdle)
    expect(summary.settings.mode).toBe('plan')
    expect(summary.capabilities).toContain('plan/decide')
    await client.command('session/send', { sessionId, input: text('more'), settings: { mode: 'default' } })
    const after = await stateWhere(view, (state) => isIdle(state) && state.turns.length === 2)
    expect(after.summary.settings.mode).toBe('default')
    await expect(
      client.command('session/configure', { sessionId, settings: { mode: 'dream' } }),
    ).rejects.toMatchObject({
      data: { name: 'invalidParams', facts: { field: 'settings.mode', possible: ['plan', 'default'] } },
    })
  })

  it('[CAT12] an accepted plan is carried out in Default mode; it is decided once, and by whom is kept with it', async () => {
    const { sessionId, view, plan } = await propose()
    const { item, turnId } = await client.command('plan/decide', { sessionId, decision: 'accept' })
    expect(item).toMatchObject({
      id: plan?.id,
      body: { answered: { decision: 'accept', by: { name: 'laptop' } } },
    })
    const state = await stateWhere(view, (each) => isIdle(each) && each.turns.length === 2)
    expect(state.turns.at(-1)).toMatchObject({ id: turnId, status: 'completed' })
    expect(state.summary.settings.mode).toBe('default')
    expect(said(state).at(-1)).toBe('heard Implement the plan.')
    await expect(
      test.client('phone').command('plan/decide', { sessionId, itemId: plan?.id ?? '', decision: 'refuse' }),
    ).rejects.toMatchObject({
      data: { name: 'stale', facts: { decision: 'accept', by: { name: 'laptop' } } },
    })
    const { items } = await client.request('session/items', { sessionId })
    expect(items.find(({ type }) => type === 'plan')?.body.answered).toMatchObject({ decision: 'accept' })
  })

  it('[CAT13] a refused plan leaves the session in Plan mode, and a remark has it plan again', async () => {
    const { sessionId, view } = await propose()
    const { turnId } = await client.command('plan/decide', {
      sessionId,
      decision: 'refuse',
      input: text('plan less'),
    })
    expect(turnId).not.toBeNull()
    const state = await stateWhere(view, (each) => isIdle(each) && each.turns.length === 2)
    expect(state.summary.settings.mode).toBe('plan')
    expect(
      state.items.filter(({ type }) => type === 'plan').map(({ body }) => body.answered ?? null),
    ).toEqual([expect.objectContaining({ decision: 'refuse' }), null])
    const newest = state.items.findLast(({ type }) => type === 'plan')?.id
    const shown = await cliOf(test.folder)('--json', 'plan', sessionId)
    expect(JSON.parse(shown.stdout)).toMatchObject({ id: newest })
    const silent = await client.command('plan/decide', { sessionId, decision: 'refuse' })
    expect(silent.turnId).toBeNull()
    await expect(client.command('plan/decide', { sessionId, decision: 'accept' })).rejects.toMatchObject({
      data: { name: 'stale' },
    })
    const { sessionId: other } = await begin()
    await expect(
      client.command('plan/decide', { sessionId: other, decision: 'accept' }),
    ).rejects.toMatchObject({ data: { name: 'notPossible', facts: { reason: 'noPlan' } } })
  })

  it('[CAT14] a permission profile takes the place of a sandbox, and one that does not exist is refused with those that do', async () => {
    const { sessionId, view } = await begin({ permissionProfile: ':read-only' })
    await client.command('session/send', { sessionId, input: text('hello') })
    const state = await stateWhere(view, isIdle)
    expect(state.summary.settings).toMatchObject({ permissionProfile: ':read-only', sandbox: 'read-only' })
    await client.command('session/configure', { sessionId, settings: { sandbox: 'workspace-write' } })
    const changed = await stateWhere(view, ({ summary }) => summary.settings.sandbox === 'workspace-write')
    expect(changed.summary.settings.permissionProfile).toBeNull()
    await expect(
      client.command('session/configure', { sessionId, settings: { permissionProfile: ':none' } }),
    ).rejects.toMatchObject({
      data: {
        name: 'invalidParams',
        facts: { field: 'settings.permissionProfile', possible: expect.arrayContaining([':workspace']) },
      },
    })
    await expect(
      client.command('session/configure', {
        sessionId,
        settings: { permissionProfile: ':workspace', sandbox: 'read-only' },
      }),
    ).rejects.toMatchObject({ data: { name: 'invalidParams' } })
  })

  it('[CAT15] a goal is set, shown to every client as Codex counts it, paused and cleared', async () => {
    const { sessionId, view } = await begin()
    await client.command('session/send', { sessionId, input: text('hello') })
    await stateWhere(view, isIdle)
    const { goal } = await client.command('goal/set', {
      sessionId,
      objective: 'All is well',
      status: 'paused',
      tokenBudget: 5_000,
    })
    expect(goal).toMatchObject({
      objective: 'All is well',
      status: 'paused',
      tokenBudget: 5_000,
      tokensUsed: 0,
    })
    const state = await stateWhere(view, (each) => each.goal?.objective === 'All is well')
    expect(state.goal).toEqual(goal)
    await client.command('session/end', { sessionId })
    expect((await stateWhere(view, ({ summary }) => summary.phase === 'closed')).goal).toBeNull()
    expect(await client.request('goal/get', { sessionId })).toEqual({ goal })
    await client.command('session/resume', { sessionId })
    await stateWhere(view, (each) => each.goal?.status === 'paused')
    expect((await cliOf(test.folder)('goal', sessionId)).stdout).toMatch(/^All is well\npaused, 0 of 5,000 /)
    const { stdout } = await cliOf(test.folder)('goal', sessionId, '--clear')
    expect(stdout).toBe('The goal is forgotten.')
    await stateWhere(view, (each) => each.goal === null)
    await expect(client.command('goal/set', { sessionId, status: 'active' })).rejects.toMatchObject({
      data: { name: 'codexFailed', facts: { codexMessage: expect.stringContaining('no goal exists') } },
    })
    await expect(client.command('goal/set', { sessionId })).rejects.toMatchObject({
      data: { name: 'invalidParams' },
    })
  })
})

describe.runIf(since('0.142.0'))('processes of a session', () => {
  it('[CAT16] [CAT22] how the MCP servers of a session start streams to clients, each change once; a look starts none', async () => {
    const { sessionId, view } = await begin()
    const state = await stateWhere(view, ({ mcpServers }) =>
      ['asks', 'broken'].every((name) =>
        mcpServers.some((each) => each.name === name && each.state !== 'starting'),
      ),
    )
    const byName = (name: string) => state.mcpServers.find((each) => each.name === name)
    expect(byName('asks')).toEqual({ name: 'asks', state: 'ready', error: null })
    expect(byName('broken')).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('No such file'),
    })
    const begun = readFileSync(startsFile, 'utf8')
    const { servers } = await client.request('mcpServer/list', { sessionId })
    // Before 0.169 Codex starts them to ask them.
    expect(readFileSync(startsFile, 'utf8') === begun).toBe(since('0.160.0'))
    expect(servers.map(({ name }) => name).toSorted()).toEqual(['asks', 'broken'])
    expect(servers.find(({ name }) => name === 'asks')).toMatchObject({
      state: 'ready',
      tools: [{ name: 'order' }],
    })
    await client.command('session/end', { sessionId })
    const ended = await stateWhere(view, ({ summary }) => summary.phase === 'closed')
    expect(ended.mcpServers).toEqual([])
  })

  it('[CAT20] a hub that joins a session again tells how its MCP servers are, and starts none for it', async () => {
    const { sessionId, view } = await begin()
    await client.command('session/send', { sessionId, input: text('hello') })
    const isTold = ({ mcpServers }: SessionState) =>
      mcpServers.length === 2 && mcpServers.every(({ state }) => state !== 'starting')
    const before = await stateWhere(view, (state) => isIdle(state) && isTold(state))
    const starts = () => readFileSync(startsFile, 'utf8')
    const begun = starts()
    await test.restart()
    client = test.client('laptop')
    const { mcpServers } = await stateWhere(client.session(sessionId), isTold)
    const byName = (servers: SessionState['mcpServers']) =>
      Object.fromEntries(servers.map(({ name, state }) => [name, state]))
    // Before 0.169 a question would start them.
    const unknown = { asks: 'unknown', broken: 'unknown' }
    expect(byName(mcpServers)).toEqual(since('0.160.0') ? byName(before.mcpServers) : unknown)
    expect(starts()).toBe(begun)
  })

  it('[CAT17] commands left in the background are listed with their output, go on after their turn, and are terminated', async () => {
    const { sessionId, view } = await begin({ sandbox: 'danger-full-access', approvalPolicy: 'never' })
    expect(await client.request('terminal/list', { sessionId })).toEqual({ terminals: [] })
    await client.command('session/send', { sessionId, input: text('background one') })
    const state = await stateWhere(view, isIdle)
    const item = state.items.find(({ type }) => type === 'commandExecution')
    expect(item?.status).toBe('inProgress')
    const pid = await pidIn('one')
    const { terminals } = await printedTerminals(sessionId)
    expect(terminals).toEqual([
      {
        processId: expect.any(String),
        itemId: item?.id,
        command: expect.stringContaining('sleep 1000'),
        cwd: test.codex.project,
        output: 'begun\n',
      },
    ])
    const [terminal] = terminals
    const printed = await cliOf(test.folder)('terminals', sessionId, '--output', terminal?.processId ?? '')
    expect(printed).toMatchObject({ exitCode: 0, stdout: 'begun' })
    await expect(client.command('terminal/terminate', { sessionId, processId: '1' })).rejects.toMatchObject({
      data: { name: 'notFound', facts: { running: [terminal?.processId] } },
    })
    expect(
      await client.command('terminal/terminate', { sessionId, processId: terminal?.processId ?? '' }),
    ).toEqual({ terminated: true })
    await until(async () => (await readStartToken(pid)) === null)
    await stateWhere(view, ({ items }) => items.find(({ id }) => id === item?.id)?.status === 'failed')
    expect(await client.request('terminal/list', { sessionId })).toEqual({ terminals: [] })
    expect(await client.command('terminal/terminate', { sessionId })).toEqual({ terminated: false })
  })

  it('[CAT18] a command left in the background ends with its session, and is shown so', async () => {
    const { sessionId, view } = await begin({ sandbox: 'danger-full-access', approvalPolicy: 'never' })
    await client.command('session/send', { sessionId, input: text('background two') })
    await stateWhere(view, isIdle)
    const pid = await pidIn('two')
    await client.command('session/end', { sessionId })
    const state = await stateWhere(view, ({ summary }) => summary.phase === 'closed')
    expect(state.items.find(({ type }) => type === 'commandExecution')?.status).not.toBe('inProgress')
    await until(async () => (await readStartToken(pid)) === null)
  })
})

it('[CAT19] before Codex has modes, goals or background commands, asking for them is refused with what is lacking', async () => {
  const { sessionId } = await begin()
  const goal = client.request('goal/get', { sessionId })
  if (since('0.142.0')) expect(await goal).toEqual({ goal: null })
  else await expect(goal).rejects.toMatchObject({ data: { name: 'unsupported' } })
})
