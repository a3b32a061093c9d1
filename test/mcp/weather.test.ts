/** What goes wrong around a bridge: no hub, a wrong token, a hub that restarts, a session too large to show. */

import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import type { Script } from '../../src/demo/scripted-model.ts'
import { readConfig } from '../../src/server/config.ts'
import { startHub } from '../../src/server/hub.ts'
import { makeCodexHome } from '../harness/codex-home.ts'
import { makeHub, type TestHub, type TestHubOptions, testConfig } from '../harness/hub.ts'
import { stateWhere } from '../harness/watch.ts'
import { type Agent, bridgeAgent, type Loose, stdioAgent } from './agent.ts'

let ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.reverse()) await end()
  ends = []
})

async function hubOf(options: TestHubOptions): Promise<TestHub> {
  const test = await makeHub(options)
  ends.push(() => test.close())
  return test
}
async function agentOf(...args: Parameters<typeof stdioAgent>): Promise<Agent> {
  const agent = await stdioAgent(...args)
  ends.push(() => agent.close())
  return agent
}
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

describe('around a bridge', () => {
  it('[MCP23] without a hub each call says how to start one, and works once one runs', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'no-hub-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const agent = await agentOf(folder)
    expect(await agent.fail('list_sessions')).toMatchObject({
      name: 'hubNotRunning',
      retry: 'later',
      message: expect.stringContaining('codex-hub serve'),
      next: expect.stringContaining('codex-hub serve'),
    })
    const codex = await makeCodexHome({ script: () => [{ say: 'fine' }] })
    ends.push(() => codex.close())
    const hub = await startHub({ folder, config: readConfig(folder, testConfig(codex)), version: '0.0.0' })
    ends.push(() => hub.close({ stopSessions: true }))
    expect(await agent.use('list_sessions')).toEqual({ sessions: [], total: 0, nextPageToken: null })
  })

  it('[MCP23] a wrong token is told as that', async () => {
    const test = await hubOf({ script: () => [{ say: 'fine' }] })
    const wrong = ['--url', test.hub.url, '--token', 'not-the-token-of-this-hub']
    const agent = await agentOf(test.folder, [], wrong)
    expect(await agent.fail('list_sessions')).toMatchObject({ name: 'refused', retry: 'never' })
  })

  it('[MCP24] a wait goes on while the hub restarts', async () => {
    let release = (): void => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const script: Script = () => [{ say: 'begun ' }, { until: held }, { say: 'done' }]
    const test = await hubOf({ script, config: { port: await freePort() } })
    const agent = await bridgeAgent(test.hub, 'patient')
    ends.push(() => agent.close())
    const made = await agent.use('create_session', { cwd: test.codex.project, prompt: 'go', wait: 'none' })
    const sessionId: string = made.session.id
    const view = test.client('a').session(sessionId)
    await stateWhere(view, ({ items }) => items.some(({ type }) => type === 'agentMessage'))
    let isWaiting = (): void => {}
    const waiting = new Promise<void>((resolve) => {
      isWaiting = resolve
    })
    const waited = agent.client.callTool(
      { name: 'wait_for_session', arguments: { sessionId, until: 'turn' } },
      undefined,
      { onprogress: () => isWaiting() },
    )
    await waiting
    await test.restart()
    release()
    const { structuredContent } = (await waited) as Loose
    expect(structuredContent).toMatchObject({ outcome: 'turnEnded', turn: { status: 'completed' } })
    const { rows } = await test.client('b').request('audit/list', { agent: 'patient', limit: 1 })
    expect(rows).toMatchObject([{ tool: 'wait_for_session', outcome: 'done', sessionId }])
  })

  it('[MCP25] an answer about a huge session is bounded, and the cut item is read by its id', async () => {
    const long = 'word '.repeat(100_000)
    const test = await hubOf({ script: () => [{ say: long, chunks: [long] }] })
    const agent = await bridgeAgent(test.hub)
    ends.push(() => agent.close())
    const made = await agent.use('create_session', { cwd: test.codex.project, prompt: 'talk' })
    expect(JSON.stringify(made).length).toBeLessThan(25_000)
    const sessionId: string = made.session.id
    for (const tool of ['get_session', 'get_events']) {
      const result: Loose = await agent.client.callTool({ name: tool, arguments: { sessionId } })
      expect(JSON.stringify(result).length).toBeLessThan(100_000)
    }
    const { items } = await agent.use('get_session', { sessionId, items: 1 })
    expect(items[0].untrusted.text).toMatch(/characters left out/)
    const whole = await agent.use('get_session', { sessionId, itemId: items[0].id })
    expect(whole.items[0].untrusted.text.length).toBeGreaterThan(25_000)
  })
})
