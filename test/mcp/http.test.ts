/** The bridge on the hub's own port, by the official SDK's client. */
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import {
  ResourceListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newToken } from '../../src/cli/commands/mcp-agents.ts'
import type { HubClient } from '../../src/client/client.ts'
import type { Script } from '../../src/demo/scripted-model.ts'
import { HttpDoor } from '../../src/mcp/http-door.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { text } from '../harness/watch.ts'
import { type Agent, agentOn, type Loose } from './agent.ts'

const script: Script = (request) => [{ say: `heard: ${request.userTexts.join(' | ')}` }]

describe('over HTTP', () => {
  let test: TestHub
  let person: HubClient
  let token: string
  let agent: Agent

  beforeAll(async () => {
    test = await makeHub({
      script,
      config: { tokens: [{ name: 'looks only', token: 'a-token-that-only-looks', scopes: ['view'] }] },
      hub: { makeAgentDoor: (address) => new HttpDoor({ address, version: '0.0.0' }) },
    })
    person = test.client('person')
    const made = newToken()
    token = made.token
    await person.command('agent/allow', { name: 'claude', tokenDigest: made.tokenDigest })
    agent = await connect(token)
  })
  afterAll(async () => {
    await agent.close()
    await test.close()
  })

  const connect = (bearer: string) =>
    agentOn(
      new StreamableHTTPClientTransport(new URL('/mcp', test.hub.url), {
        requestInit: { headers: { authorization: `Bearer ${bearer}` } },
      }),
    )
  const ask = (headers: Record<string, string>, method = 'POST', path = '/mcp') =>
    fetch(new URL(path, test.hub.url), {
      method,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...headers,
      },
      ...(method === 'POST' ? { body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }) } : {}),
    }).then(async (response) => ({ status: response.status, body: await response.text() }))

  it('[MCP16] an agent with a token of its own works over HTTP as over stdio, as the agent the token is of', async () => {
    const made = await agent.use('create_session', { cwd: test.codex.project, prompt: 'hi' })
    expect(made).toMatchObject({ outcome: 'turnEnded', untrusted: { reply: 'heard: hi' } })
    const { session } = await person.request('session/get', { sessionId: made.session.id })
    expect(session.createdBy).toEqual({ agent: 'claude', sessionId: null, depth: 1 })
    expect(await agent.fail('create_session', { prompt: 'where?' })).toMatchObject({
      name: 'invalidArguments',
      message: 'create_session: cwd is needed, an absolute path.',
    })
  })

  it('[MCP17] /mcp wants a token, minds Host and Origin, and an agent token opens nothing else', async () => {
    const bearer = { authorization: `Bearer ${token}` }
    expect((await ask({})).status).toBe(401)
    expect((await ask({ authorization: 'Bearer nobody-has-this-token' })).status).toBe(401)
    expect((await ask({ ...bearer, origin: 'https://evil.example' })).status).toBe(403)
    expect((await ask(bearer, 'GET', '/health')).status).toBe(401)
    const ws = new URL('/ws', test.hub.url)
    const socket = await fetch(ws, { headers: { ...bearer } })
    expect(socket.status).toBe(401)
    // A conversation nobody began, and one of another agent.
    expect((await ask(bearer)).status).toBe(400)
    expect((await ask({ ...bearer, 'mcp-session-id': 'none' })).status).toBe(404)
    const { sessionId = '' } = agent.client.transport as { sessionId?: string }
    expect(
      (await ask({ authorization: `Bearer ${test.hub.token}`, 'mcp-session-id': sessionId })).status,
    ).toBe(404)
  })

  it('[MCP18] a token of the configuration gives an agent no more than its scopes', async () => {
    const looker = await connect('a-token-that-only-looks')
    await looker.use('list_sessions')
    expect(await looker.fail('create_session', { cwd: test.codex.project })).toMatchObject({
      name: 'forbidden',
      facts: { needs: 'operate', has: ['view'] },
    })
    await looker.close()
    const { rows } = await person.request('audit/list', { agent: 'looks-only' })
    expect(rows.map(({ tool, outcome }) => [tool, outcome])).toEqual([
      ['create_session', 'refused'],
      ['list_sessions', 'done'],
    ])
  })

  it('[MCP19] sessions are resources: listed, read as markdown, and followed', async () => {
    const news: string[] = []
    let heard = (): void => {}
    const hear = (what: string): void => {
      news.push(what)
      heard()
    }
    const until = (what: string) =>
      new Promise<void>((resolve) => {
        heard = () => news.includes(what) && resolve()
        heard()
      })
    const { client } = agent
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => hear(params.uri))
    client.setNotificationHandler(ResourceListChangedNotificationSchema, () => hear('list'))
    const { session } = await person.command('session/create', {
      cwd: test.codex.project,
      name: 'Followed',
      input: text('one'),
    })
    await until('list')
    const uri = `codex-hub://sessions/${session.id}`
    await agent.use('wait_for_session', { sessionId: session.id })
    await client.subscribeResource({ uri })
    await person.command('session/send', { sessionId: session.id, input: text('two') })
    await until(uri)
    await agent.use('wait_for_session', { sessionId: session.id })
    const { contents } = await client.readResource({ uri })
    const [content] = contents as { text: string; mimeType: string }[]
    expect(content?.mimeType).toBe('text/markdown')
    expect(content?.text).toMatch(
      /<untrusted [^>]+>\n## User\n\none\n\n## Agent\n\nheard: one\n\n## User\n\ntwo/,
    )
    const { resources } = await client.listResources()
    expect(resources.map((resource) => resource.uri)).toContain(uri)
    await client.unsubscribeResource({ uri })
    await expect(client.readResource({ uri: 'codex-hub://sessions/ses_none' })).rejects.toThrow(
      /sessionNotFound/,
    )
    await expect(client.readResource({ uri: 'file:///etc/passwd' })).rejects.toThrow(/No resource/)
  })

  it('[MCP20] prompts ask for what needs a person, and for what is wrong with a session', async () => {
    const { prompts } = await agent.client.listPrompts()
    expect(prompts.map(({ name }) => name)).toEqual(['what_needs_me', 'debug_session'])
    const { messages } = await agent.client.getPrompt({
      name: 'debug_session',
      arguments: { sessionId: 'ses_x' },
    })
    const content: Loose = messages[0]?.content
    expect(content.text).toContain('get_session and get_events for it')
    await expect(agent.client.getPrompt({ name: 'debug_session' })).rejects.toThrow(
      'debug_session needs sessionId',
    )
  })

  it('[MCP21] an agent that is locked out is refused at the door, whatever token it has', async () => {
    await person.command('agent/revoke', { name: 'claude' })
    expect(await ask({ authorization: `Bearer ${token}` })).toMatchObject({
      status: 403,
      body: expect.stringContaining('locked out'),
    })
    await person.command('agent/restore', { name: 'claude' })
    await agent.use('hub_health')
  })
})
