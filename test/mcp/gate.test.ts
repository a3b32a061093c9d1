/** What agents may do, decided in the hub: through the bridge, and by a client that goes around it. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { connectHub, type HubClient } from '../../src/client/client.ts'
import type { Script } from '../../src/demo/scripted-model.ts'
import type { Grant } from '../../src/protocol/agent.ts'
import { isHubError } from '../../src/protocol/errors.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { stateWhere, text } from '../harness/watch.ts'
import { type Agent, asksToRun, bridgeAgent, type Loose } from './agent.ts'

const script: Script = (request) => {
  if (request.afterTool) return [{ say: 'after the tool' }]
  if (request.lastUserText === 'run') {
    return [asksToRun(request, 'touch made-by-the-agent && echo hi')]
  }
  return [{ say: 'fine' }]
}

describe('the gate', () => {
  let test: TestHub
  let person: HubClient
  const agents: Agent[] = []

  beforeAll(async () => {
    test = await makeHub({ script, config: { agents: { callsPerMinute: 60, sessionsPerHour: 12 } } })
    person = test.client('person')
  })
  afterEach(async () => {
    for (const agent of agents.splice(0)) await agent.close()
  })
  afterAll(() => test.close())

  async function agentOf(name: string, grants: Grant[] = []): Promise<Agent> {
    const agent = await bridgeAgent(test.hub, name, grants)
    agents.push(agent)
    return agent
  }
  async function personsSession(prompt = 'hello'): Promise<string> {
    const { session } = await person.command('session/create', {
      cwd: test.codex.project,
      settings: { approvalPolicy: 'on-request', sandbox: 'workspace-write' },
      input: text(prompt),
    })
    const view = person.session(session.id)
    await stateWhere(view, ({ summary }) => ['idle', 'awaitingApproval'].includes(summary.phase))
    view.release()
    return session.id
  }
  const audit = async (agent: string) => {
    const { rows } = await person.request('audit/list', { agent })
    return rows.map(({ tool, sessionId, outcome, error }) => ({ tool, sessionId, outcome, error }))
  }

  it('[MCP7] an agent reads everything and operates what it made, also by another bridge later, and nothing else', async () => {
    const theirs = await personsSession()
    const agent = await agentOf('reader')
    expect((await agent.use('get_session', { sessionId: theirs })).session.id).toBe(theirs)
    for (const [tool, more] of [
      ['send_message', { text: 'hi' }],
      ['rename_session', { name: 'mine' }],
      ['end_session', {}],
      ['archive_session', {}],
    ] as const) {
      expect(await agent.fail(tool, { sessionId: theirs, ...more })).toMatchObject({
        name: 'forbidden',
        retry: 'never',
        facts: { reason: 'notGranted', needs: 'operate' },
        next: expect.stringContaining(`codex-hub mcp allow reader operate --session ${theirs}`),
      })
    }
    const { session } = await agent.use('create_session', { cwd: test.codex.project, prompt: 'hello' })
    await agent.close()
    const again = await agentOf('reader')
    const renamed = await again.use('rename_session', { sessionId: session.id, name: 'Mine' })
    expect(renamed.session.untrusted.title).toBe('Mine')
    const other = await agentOf('other')
    expect(await other.fail('rename_session', { sessionId: session.id, name: 'x' })).toMatchObject({
      name: 'forbidden',
    })
    const { session: seen } = await person.request('session/get', { sessionId: session.id })
    expect(seen.createdBy).toEqual({ agent: 'reader', sessionId: null, depth: 1 })
  })

  it('[MCP8] what a person grants holds for its scope, and for the session or the folder it names', async () => {
    const [one, two] = [await personsSession('run'), await personsSession()]
    const agent = await agentOf('granted')
    await person.command('agent/allow', { name: 'granted', grants: [{ scope: 'operate', sessionId: two }] })
    expect(await agent.use('rename_session', { sessionId: two, name: 'Two' })).toMatchObject({
      session: { id: two },
    })
    expect(await agent.fail('rename_session', { sessionId: one, name: 'x' })).toMatchObject({
      name: 'forbidden',
    })
    const { waiting } = await agent.use('list_approvals', { sessionId: one })
    const answer = { sessionId: one, approvalId: waiting[0].approvalId, choice: 'accept' }
    expect(await agent.fail('respond_to_approval', answer)).toMatchObject({ facts: { needs: 'approve' } })
    const wide = await agentOf('granted', [{ scope: 'approve', project: test.codex.project }])
    expect(await wide.use('respond_to_approval', answer)).toMatchObject({
      state: 'decided',
      choice: 'accept',
    })
    const narrow = await agentOf('granted', [{ scope: 'operate', project: `${test.codex.project}/sub` }])
    expect(await narrow.fail('rename_session', { sessionId: one, name: 'x' })).toMatchObject({
      name: 'forbidden',
    })
  })

  it('[MCP9] every call leaves a row: who, which tool, which session, how it ended', async () => {
    const theirs = await personsSession()
    const agent = await agentOf('watched')
    const { session } = await agent.use('create_session', { cwd: test.codex.project })
    await agent.use('get_session', { sessionId: session.id })
    await agent.fail('send_message', { sessionId: theirs, text: 'hi' })
    await agent.fail('get_session', { sessionId: 'ses_none' })
    await agent.fail('get_session', { id: session.id })
    expect(await audit('watched')).toEqual([
      { tool: 'get_session', sessionId: null, outcome: 'failed', error: 'invalidArguments' },
      { tool: 'get_session', sessionId: 'ses_none', outcome: 'failed', error: 'sessionNotFound' },
      { tool: 'send_message', sessionId: theirs, outcome: 'refused', error: 'forbidden' },
      { tool: 'get_session', sessionId: session.id, outcome: 'done', error: null },
      { tool: 'create_session', sessionId: session.id, outcome: 'done', error: null },
    ])
  })

  it('[MCP10] a client that speaks for an agent gets around nothing: no call, no command; no way back to a person', async () => {
    const theirs = await personsSession()
    const client = connectHub({
      url: test.hub.url,
      token: test.hub.token,
      client: { id: 'sly', name: 'sly' },
      agent: { name: 'sly' },
    })
    const why = (asked: Promise<unknown>) =>
      asked.then(
        () => 'done',
        (error: unknown) => (isHubError(error) ? [error.data.name, error.data.facts.reason] : error),
      )
    expect(await why(client.command('session/end', { sessionId: theirs }))).toEqual(['forbidden', 'noCall'])
    expect(await why(client.command('agent/allow', { name: 'sly', grants: [{ scope: 'operate' }] }))).toEqual(
      ['forbidden', undefined],
    )
    await client.request('agent/begin', { callId: 'call-of-sly', tool: 'x' })
    const commandId = 'call-of-sly:1'
    const settings = { sandbox: 'danger-full-access' as const }
    expect(await why(client.command('session/end', { commandId, sessionId: theirs }))).toEqual([
      'forbidden',
      'notGranted',
    ])
    expect(await why(client.command('session/takeOver', { commandId, sessionId: theirs }))).toEqual([
      'forbidden',
      'notForAgents',
    ])
    expect(await why(client.request('session/terminal', { sessionId: theirs }))).toEqual([
      'forbidden',
      'notForAgents',
    ])
    expect(
      await why(client.command('session/create', { commandId, cwd: test.codex.project, settings })),
    ).toEqual(['forbidden', 'sandbox'])
    expect(
      await why(
        client.request('hub/hello', {
          protocolVersion: 1,
          client: { id: 'sly', name: 'sly' },
          agent: { name: 'reader' },
        }),
      ),
    ).toEqual(['forbidden', undefined])
    await client.request('hub/hello', { protocolVersion: 1, client: { id: 'sly', name: 'sly' } })
    expect(await why(client.request('audit/list', {}))).toEqual(['forbidden', undefined])
    client.close()
  })

  it('[MCP11] an agent that is locked out loses its connection and cannot come back until it is let in; so do all', async () => {
    const agent = await agentOf('tired')
    await agent.use('list_sessions')
    expect(await person.command('agent/revoke', { name: 'tired' })).toEqual({ closed: 1 })
    expect(await agent.fail('list_sessions')).toMatchObject({
      name: 'refused',
      message: expect.stringContaining('locked out'),
    })
    await person.command('agent/restore', { name: 'tired' })
    await agent.use('list_sessions')
    const newcomer = await agentOf('newcomer')
    await person.command('agent/revoke', {})
    await expect(newcomer.fail('list_sessions')).resolves.toMatchObject({ name: 'refused' })
    await expect(agent.fail('list_sessions')).resolves.toMatchObject({ name: 'refused' })
    await person.command('agent/restore', {})
    await newcomer.use('list_sessions')
  })

  it('[MCP12] calls and new sessions are limited; the answer says when to come back', async () => {
    const agent = await agentOf('busy')
    const outcomes: Loose[] = []
    for (let i = 0; i < 13; i++) {
      const made = await agent.client.callTool({
        name: 'create_session',
        arguments: { cwd: '/no/such/folder' },
      })
      outcomes.push((made._meta as Loose)['codex-hub/error'].name)
    }
    expect(outcomes).toEqual([...Array(12).fill('invalidPath'), 'overloaded'])
    for (let i = 0; i < 46; i++) await agent.use('hub_health')
    // Another went by while these were made, at one a second.
    let last: Loose = null
    for (let i = 0; i < 60 && last === null; i++) {
      const result = await agent.client.callTool({ name: 'hub_health' })
      if (result.isError) last = (result._meta as Loose)['codex-hub/error']
    }
    expect(last).toMatchObject({ name: 'overloaded', retry: 'later', facts: { reason: 'rateLimit' } })
  })
})
