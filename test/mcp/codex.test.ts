/** The real Codex as the MCP client: a session of the hub uses the hub. */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HubClient } from '../../src/client/client.ts'
import { isAtLeast } from '../../src/connectors/codex/version.ts'
import type { Script, Step } from '../../src/demo/scripted-model.ts'
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

describe.runIf(isAtLeast(version, '0.160.0'))('Codex as MCP client', () => {
  let test: TestHub
  let person: HubClient

  beforeAll(async () => {
    test = await makeHub({ script, config: { agents: { maxDepth: 2 } } })
    const config = join(test.codex.home, 'config.toml')
    appendFileSync(
      config,
      [
        '',
        '[mcp_servers.hub]',
        `command = ${JSON.stringify(process.execPath)}`,
        `args = ${JSON.stringify([MAIN, 'mcp', '--agent', 'codex', '--allow', 'approve'])}`,
        `env = { CODEX_HUB_HOME = ${JSON.stringify(test.folder)} }`,
        'default_tools_approval_mode = "approve"',
        // Otherwise the first turn may begin before its tools are there.
        'required = true',
        'startup_timeout_sec = 60',
      ].join('\n'),
    )
    person = test.client('person')
  })
  afterAll(() => test.close())

  async function begin(prompt: string) {
    const { session } = await person.command('session/create', {
      cwd: test.codex.project,
      settings: { approvalPolicy: 'on-request', sandbox: 'workspace-write' },
      input: text(prompt),
    })
    return { id: session.id, view: person.session(session.id) }
  }
  const done = async (prompt: string) => {
    const { id, view } = await begin(prompt)
    const state = await stateWhere(view, isIdle, 60_000)
    view.release()
    return { id, state, reply: said(state).at(-1) ?? '' }
  }

  it('[MCP13] a session makes another one in its folder, gives it work, waits, and reads its diff', async () => {
    const { id, reply } = await done('errand')
    expect(reply).toContain('made by B')
    const { sessions } = await person.request('session/list', {})
    const b = sessions.find(({ title }) => title === 'B')
    expect(b).toMatchObject({
      cwd: test.codex.project,
      createdBy: { agent: 'codex', sessionId: id, depth: 1 },
      settings: { sandbox: 'workspace-write' },
    })
    const { rows } = await person.request('audit/list', { agent: 'codex', limit: 4 })
    expect(rows.map(({ tool, callerSessionId, outcome }) => [tool, callerSessionId, outcome])).toEqual([
      ['get_diff', id, 'done'],
      ['wait_for_session', id, 'done'],
      ['send_message', id, 'done'],
      ['create_session', id, 'done'],
    ])
  })

  it('[MCP14] a session is refused when it answers its own approval, though it was granted to approve', async () => {
    const { id, view } = await begin('hello')
    await stateWhere(view, isIdle)
    await person.command('session/send', { sessionId: id, input: text(`approve ${id}`) })
    const state = await stateWhere(view, (now) => now.turns.length === 2 && isIdle(now))
    expect(said(state).at(-1)).toMatch(/forbidden: An agent never answers what its own session/)
    const { rows } = await person.request('audit/list', { sessionId: id })
    expect(rows.map(({ tool, outcome, error }) => [tool, outcome, error])).toEqual([
      ['respond_to_approval', 'refused', 'forbidden'],
    ])
  })

  it('[MCP15] a session makes none that is wider than itself: not in its sandbox, not in its folder, not ever deeper', async () => {
    const { reply } = await done('wide')
    expect(reply).toMatch(/sandbox danger-full-access is more than this agent may make/)
    expect(reply).toMatch(/was not granted to make sessions in \//)
    const { id } = await done('child')
    const { sessions } = await person.request('session/list', {})
    const made = sessions.filter(({ createdBy }) => createdBy && createdBy.sessionId === id)
    expect(made).toHaveLength(1)
    const deeper = sessions.filter(({ createdBy }) => createdBy?.sessionId === made[0]?.id)
    expect(deeper.map(({ createdBy }) => createdBy?.depth)).toEqual([2])
    const { rows } = await person.request('audit/list', { sessionId: undefined, agent: 'codex', limit: 100 })
    const refused = rows.filter(({ callerSessionId }) => callerSessionId === deeper[0]?.id)
    expect(refused.map(({ outcome, error }) => [outcome, error])).toEqual([['refused', 'forbidden']])
  })
})
