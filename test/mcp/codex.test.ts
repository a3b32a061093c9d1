/** The real Codex as the MCP client: a session of the hub uses the hub. */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newToken } from '../../src/cli/commands/mcp-agents.ts'
import type { HubClient } from '../../src/client/client.ts'
import { isAtLeast } from '../../src/connectors/codex/version.ts'
import type { Step } from '../../src/demo/answer.ts'
import type { Script } from '../../src/demo/scripted-model.ts'
import { HttpDoor } from '../../src/mcp/http-door.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { versionOfTestCodex } from '../harness/test-codex.ts'
import { isIdle, said, stateWhere, text } from '../harness/watch.ts'

const version = await versionOfTestCodex()
const MAIN = join(process.cwd(), 'src/cli/main.ts')
const PATCH = '*** Begin Patch\n*** Add File: from-b.txt\n+made by B\n*** End Patch'

/** A name of the catalogue: it brings `apply_patch`, and has MCP tools be looked for before they are called. */
const PATCHES = 'gpt-5.5'

const tool = (call: string, args: unknown): Step[] => [{ call, args, namespace: 'mcp__hub' }]
const sessionIn = (output: string) => output.match(/ses_\w+/)?.[0] ?? 'none'

const script: Script = (request) => {
  const { lastUserText, toolOutputs, afterTool } = request
  const step = toolOutputs.length
  if (lastUserText === 'make a file') {
    return afterTool ? [{ say: 'B made it' }] : [{ custom: 'apply_patch', input: PATCH }]
  }
  if (lastUserText === 'errand') {
    const made = sessionIn(toolOutputs[0] ?? '')
    if (step === 0) return tool('create_session', { name: 'B', settings: { model: PATCHES } })
    if (step === 1) return tool('send_message', { sessionId: made, text: 'make a file', wait: 'none' })
    if (step === 2) return tool('wait_for_session', { sessionId: made, until: 'turn' })
    if (step === 3) return tool('get_diff', { sessionId: made })
    return [{ say: `B says: ${toolOutputs.at(-1)}` }]
  }
  if (lastUserText.startsWith('approve ')) {
    const [, sessionId, approvalId = 'any'] = lastUserText.split(' ')
    if (step === 0) return tool('respond_to_approval', { sessionId, approvalId, choice: 'accept' })
    return [{ say: `told: ${toolOutputs.at(-1)}` }]
  }
  if (lastUserText === 'wide') {
    if (step === 0) return tool('create_session', { settings: { sandbox: 'danger-full-access' } })
    if (step === 1) return tool('create_session', { cwd: '/' })
    return [{ say: toolOutputs.join('\n') }]
  }
  if (lastUserText === 'child') {
    if (step === 0) return tool('create_session', { prompt: 'child', wait: 'turn' })
    return [{ say: `mine said: ${toolOutputs.at(-1)}` }]
  }
  return [{ say: 'fine' }]
}

/** How the session's own Codex reaches the hub: lines of its `config.toml`. */
type Way = (test: TestHub, person: HubClient) => Promise<string[]>

const stdio: Way = async (test) => [
  `command = ${JSON.stringify(process.execPath)}`,
  `args = ${JSON.stringify([MAIN, 'mcp', '--agent', 'codex', '--allow', 'approve'])}`,
  `env = { CODEX_HUB_HOME = ${JSON.stringify(test.folder)} }`,
]

const http: Way = async (test, person) => {
  const { token, tokenDigest } = newToken()
  await person.command('agent/allow', { name: 'codex', tokenDigest, grants: [{ scope: 'approve' }] })
  return [`url = "${test.hub.url}/mcp"`, `http_headers = { Authorization = "Bearer ${token}" }`]
}

/** A hub whose sessions have it as an MCP server. */
function ownHub(way: Way) {
  const own = {} as { test: TestHub; person: HubClient }
  beforeAll(async () => {
    const test = await makeHub({
      script,
      config: { agents: { maxDepth: 2 } },
      hub: { makeAgentDoor: (address) => new HttpDoor({ address, version: '0.0.0' }) },
    })
    const person = test.client('person')
    Object.assign(own, { test, person })
    const lines = [
      '',
      '[mcp_servers.hub]',
      ...(await way(test, person)),
      'default_tools_approval_mode = "approve"',
      // Otherwise the first turn may begin before its tools are there.
      'required = true',
      'startup_timeout_sec = 60',
    ]
    appendFileSync(join(test.codex.home, 'config.toml'), lines.join('\n'))
  })
  afterAll(() => own.test.close())
  return {
    own,
    async begin(prompt: string) {
      const { session } = await own.person.command('session/create', {
        cwd: own.test.codex.project,
        settings: { approvalPolicy: 'on-request', sandbox: 'workspace-write' },
        input: text(prompt),
      })
      return { id: session.id, view: own.person.session(session.id) }
    },
    async done(prompt: string) {
      const { id, view } = await this.begin(prompt)
      const state = await stateWhere(view, isIdle, 28_000)
      view.release()
      return { id, reply: said(state).at(-1) ?? '' }
    },
  }
}

const isNew = isAtLeast(version, '0.160.0')

describe.runIf(isNew)('Codex as MCP client over stdio', () => {
  const { own, begin, done } = bound(ownHub(stdio))

  it('[MCP13] a session makes another one in its folder, gives it work, waits, and reads its diff', async () => {
    const { id, reply } = await done('errand')
    expect(reply).toContain('made by B')
    const { sessions } = await own.person.request('session/list', {})
    const b = sessions.find(({ title }) => title === 'B')
    expect(b).toMatchObject({
      cwd: own.test.codex.project,
      createdBy: { agent: 'codex', sessionId: id, depth: 1 },
      settings: { sandbox: 'workspace-write' },
    })
    const { rows } = await own.person.request('audit/list', { agent: 'codex', limit: 4 })
    expect(rows.map(({ tool, callerSessionId, outcome }) => [tool, callerSessionId, outcome])).toEqual([
      ['get_diff', id, 'done'],
      ['wait_for_session', id, 'done'],
      ['send_message', id, 'done'],
      ['create_session', id, 'done'],
    ])
  })

  it('[MCP14] a session is refused when it answers its own approval, though it was granted to approve', () =>
    refusedItsOwn(own, begin))
})

describe.runIf(isNew)('Codex as MCP client over HTTP', () => {
  const { own, begin, done } = bound(ownHub(http))

  it('[MCP14] a session that comes over HTTP is known by its thread, and refused its own approval', () =>
    refusedItsOwn(own, begin))

  it('[MCP15] a session makes none that is wider than itself, neither in its sandbox nor in its folder', async () => {
    const { reply } = await done('wide')
    expect(reply).toMatch(/sandbox danger-full-access is more than this agent may make/)
    expect(reply).toMatch(/was not granted to make sessions in \//)
  })

  it('[MCP15] sessions that sessions make are made only so deep', async () => {
    const { id } = await done('child')
    const { sessions } = await own.person.request('session/list', {})
    const madeBy = (maker: string | undefined) =>
      sessions.filter(({ createdBy }) => createdBy && createdBy.sessionId === maker)
    const [made] = madeBy(id)
    const [deeper] = madeBy(made?.id)
    expect([made?.createdBy?.depth, deeper?.createdBy?.depth, madeBy(deeper?.id)]).toEqual([1, 2, []])
    const { rows } = await own.person.request('audit/list', { agent: 'codex', limit: 100 })
    const refused = rows.filter(({ callerSessionId }) => callerSessionId === deeper?.id)
    expect(refused.map(({ outcome, error }) => [outcome, error])).toEqual([['refused', 'forbidden']])
  })
})

type Own = ReturnType<typeof ownHub>

function bound(hub: Own) {
  return { own: hub.own, begin: hub.begin.bind(hub), done: hub.done.bind(hub) }
}

/** A session whose agent tries to answer for itself. */
async function refusedItsOwn(own: Own['own'], begin: Own['begin']): Promise<void> {
  const { id, view } = await begin('hello')
  await stateWhere(view, isIdle, 28_000)
  await own.person.command('session/send', { sessionId: id, input: text(`approve ${id}`) })
  const state = await stateWhere(view, (now) => now.turns.length === 2 && isIdle(now))
  expect(said(state).at(-1)).toMatch(/forbidden: An agent never answers what its own session/)
  const { rows } = await own.person.request('audit/list', { sessionId: id })
  expect(rows.map(({ tool, outcome, error }) => [tool, outcome, error])).toEqual([
    ['respond_to_approval', 'refused', 'forbidden'],
  ])
}
