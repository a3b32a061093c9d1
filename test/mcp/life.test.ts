/** The tools that steer, stop, copy and put away, and those that look closer; every answer is held against its schema. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isAtLeast } from '../../src/connectors/codex/version.ts'
import type { Script } from '../../src/demo/scripted-model.ts'
import { TOOLS } from '../../src/mcp/tools/all.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { versionOfTestCodex } from '../harness/test-codex.ts'
import { type Agent, bridgeAgent, type Loose } from './agent.ts'

const version = await versionOfTestCodex()

const script: Script = ({ userTexts }) =>
  // However early the turn is told more.
  userTexts[0] === 'slow'
    ? [{ say: 'a b c d e f g h i j k l m n o p q r s t u v w x y z', pauseMs: 200 }]
    : [{ say: `heard: ${userTexts.join(' | ')}` }]

describe.runIf(isAtLeast(version, '0.142.0'))('the life of a session', () => {
  let test: TestHub
  let agent: Agent

  beforeAll(async () => {
    test = await makeHub({ script })
    agent = await bridgeAgent(test.hub)
  })
  afterAll(async () => {
    await agent.close()
    await test.close()
  })
  const create = (prompt: string, wait = 'turn') =>
    agent.use('create_session', { cwd: test.codex.project, prompt, wait })

  it('[MCP30] a running turn is told more, and stopped', async () => {
    const { session, turnId } = await create('slow', 'none')
    const about = { sessionId: session.id }
    const steered = await agent.use('steer_turn', { ...about, text: 'and this', expectedTurnId: turnId })
    expect(steered).toEqual({ ...about, turnId })
    expect(await agent.fail('steer_turn', { ...about, text: 'x', expectedTurnId: 'another' })).toMatchObject({
      name: 'stale',
    })
    expect(await agent.use('interrupt_turn', about)).toEqual({ ...about, turnId })
    expect(await agent.use('wait_for_session', { ...about, turnId })).toMatchObject({
      outcome: 'turnEnded',
      turn: { status: 'interrupted' },
    })
  })

  it('[MCP30] a session is forked with its past, put away, brought back and ended', async () => {
    const { session } = await create('one')
    const fork = await agent.use('fork_session', { sessionId: session.id, name: 'Twin' })
    const about = { sessionId: fork.session.id }
    const sent = await agent.use('send_message', { ...about, text: 'two' })
    expect(sent.untrusted.reply).toBe('heard: one | two')
    expect((await agent.use('archive_session', about)).session.archived).toBe(true)
    const away = await agent.use('list_sessions', { archived: true })
    expect(away.sessions.map(({ id }: Loose) => id)).toEqual([fork.session.id])
    expect((await agent.use('archive_session', { ...about, archived: false })).session.archived).toBe(false)
    expect((await agent.use('end_session', { sessionId: session.id })).session).toMatchObject({
      phase: 'closed',
      door: 'dormant',
    })
  })

  it('[MCP30] what changed, what is planned, what it cost and what happened is read', async () => {
    const { session, turnId } = await create('look')
    const about = { sessionId: session.id }
    expect(await agent.use('get_diff', about)).toEqual({
      turnId: null,
      total: 0,
      nextOffset: null,
      untrusted: { unified: '' },
    })
    expect(await agent.use('get_plan', about)).toEqual({ turnId: null, untrusted: { plan: null } })
    expect(await agent.use('get_usage', about)).toMatchObject({ tokens: { total: { outputTokens: 20 } } })
    const { events, problem } = await agent.use('get_events', about)
    expect(problem).toBeNull()
    expect(events.map(({ kind, type }: Loose) => [kind, type])).toEqual(
      expect.arrayContaining([
        ['item', 'userMessage'],
        ['item', 'agentMessage'],
        ['turn', 'turn'],
      ]),
    )
    const said = events.find(({ type }: Loose) => type === 'agentMessage')
    expect(JSON.parse(said.untrusted.raw)).toMatchObject({ turnId, body: { text: 'heard: look' } })
    expect((await agent.use('list_models')).models.length).toBeGreaterThan(0)
    expect(await agent.use('hub_health')).toMatchObject({ codex: { version, problem: null } })
  })

  it('[MCP31] each tool says whether it reads only and whether it ends something', async () => {
    const { tools } = await agent.client.listTools()
    const which = (hint: 'readOnlyHint' | 'destructiveHint') =>
      tools.filter(({ annotations }) => annotations?.[hint]).map(({ name }) => name)
    expect(tools).toHaveLength(TOOLS.length)
    expect(which('readOnlyHint')).toEqual([
      'list_sessions',
      'search_sessions',
      'get_session',
      'wait_for_session',
      'list_approvals',
      'get_diff',
      'get_plan',
      'get_usage',
      'list_models',
      'get_events',
      'hub_health',
    ])
    expect(which('destructiveHint')).toEqual([
      'interrupt_turn',
      'respond_to_approval',
      'archive_session',
      'end_session',
    ])
  })
})
