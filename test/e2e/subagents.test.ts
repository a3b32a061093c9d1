/** Subagents that the real Codex starts: sessions under the one that started them, with state and result. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HubClient } from '../../src/client/client.ts'
import { isAtLeast } from '../../src/connectors/codex/version.ts'
import type { Script } from '../../src/demo/scripted-model.ts'
import type { Summary } from '../../src/protocol/summary.ts'
import { startCli } from '../cli/run-cli.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { versionOfTestCodex } from '../harness/test-codex.ts'
import { until } from '../harness/until.ts'
import { isIdle, said, stateWhere, text } from '../harness/watch.ts'

const version = await versionOfTestCodex()
let tap = Promise.withResolvers<void>()

/** Starts one for `go`, waits for it, and tells what it was told. */
const script: Script = ({ lastUserText, toolOutputs }) => {
  const tool = (call: string, args: object) => [{ call, namespace: 'multi_agent_v1', args }]
  if (lastUserText === 'part')
    return [{ say: 'I begin.' }, { until: tap.promise }, { say: 'the part is done' }]
  if (lastUserText !== 'go') return [{ say: `heard: ${lastUserText}` }]
  const [spawned] = toolOutputs
  if (spawned === undefined) return tool('spawn_agent', { message: 'part' })
  if (toolOutputs.length > 1) return [{ say: 'all done' }]
  return tool('wait_agent', { targets: [JSON.parse(spawned).agent_id], timeout_ms: 60_000 })
}

describe.runIf(isAtLeast(version, '0.160.0'))('subagents', () => {
  let test: TestHub
  let client: HubClient

  beforeAll(async () => {
    test = await makeHub({ script })
    await test.hub.adopted
    client = test.client('laptop')
  })
  afterAll(() => test.close())

  async function begin(fits: (child: Summary) => boolean = () => true) {
    tap = Promise.withResolvers<void>()
    const { session } = await client.command('session/create', {
      cwd: test.codex.project,
      input: text('go'),
    })
    const view = client.session(session.id)
    const child = await childOf(session.threadId, fits)
    return { sessionId: session.id, threadId: session.threadId, view, child }
  }

  /** The session of the subagent, as the list tells it. */
  async function childOf(threadId: string | null, fits: (child: Summary) => boolean): Promise<Summary> {
    const list = client.sessions()
    const stop = list.subscribe(() => {})
    let found: Summary | undefined
    await until(() => {
      const all = [...(list.getSnapshot().state?.sessions.values() ?? [])]
      found = all.find((each) => each.parentThreadId === threadId && threadId !== null && fits(each))
      return found !== undefined
    })
    stop()
    list.release()
    return found as Summary
  }

  const ids = async (more: object) => {
    const { sessions } = await client.request('session/list', more)
    return sessions.map(({ id }) => id)
  }

  it('[SAG1] [SAG2] a subagent is a session under its parent while it works, with its state, its words and its result', async () => {
    const { sessionId, threadId, view, child } = await begin(({ door }) => door === 'observed')
    expect(child).toMatchObject({
      parentThreadId: threadId,
      door: 'observed',
      attention: null,
      subagent: { depth: 1, role: null, state: 'running', result: null },
    })
    expect(child.subagent?.nickname).toMatch(/\S/)
    expect(child.capabilities).toEqual([
      'session/delete',
      'session/fork',
      'session/markRead',
      'session/rename',
    ])
    const childView = client.session(child.id)
    await stateWhere(childView, (state) => state.summary.phase === 'working' && state.turns.length === 1)
    const started = await stateWhere(view, ({ items }) =>
      items.some(({ type, body }) => type === 'collabAgentToolCall' && body.tool === 'spawnAgent'),
    )
    expect(started.summary.phase).toBe('working')
    tap.resolve()
    const done = await stateWhere(childView, ({ summary }) => summary.subagent?.state === 'completed')
    expect(said(done).at(-1)).toBe('the part is done')
    expect(done.summary).toMatchObject({
      subagent: { state: 'completed', result: 'the part is done' },
      attention: null,
      unread: 0,
    })
    // The item that started it says so too.
    const state = await stateWhere(view, (each) => isIdle(each) && said(each).includes('all done'))
    const spawn = () =>
      view
        .getSnapshot()
        .state?.items.find(({ type, body }) => type === 'collabAgentToolCall' && body.tool === 'spawnAgent')
    await until(() => JSON.stringify(spawn()?.body.agentsStates).includes('the part is done'))
    expect(spawn()?.body).toMatchObject({
      status: 'completed',
      receiverThreadIds: [child.threadId],
      agentsStates: { [String(child.threadId)]: { status: 'completed', message: 'the part is done' } },
    })
    expect(said(state)).toEqual(['all done'])
    const { relations } = await client.request('session/get', { sessionId })
    expect(relations.subagents.map((each) => each.sessionId)).toEqual([child.id])
    const back = await client.request('session/get', { sessionId: child.id })
    expect(back.relations.parent?.sessionId).toBe(sessionId)
  })

  it('[SAG3] lists hold parents; subagents are listed by parent, and nested on the command line', async () => {
    const { sessionId, view, child } = await begin()
    tap.resolve()
    await stateWhere(view, isIdle)
    expect(await ids({})).toContain(sessionId)
    expect(await ids({})).not.toContain(child.id)
    expect(await ids({ parentSessionId: sessionId })).toEqual([child.id])
    expect(await ids({ subagents: true })).toContain(child.id)
    const env = { CODEX_HUB_URL: test.hub.url, CODEX_HUB_TOKEN: test.hub.token }
    const { stdout } = await startCli(test.folder, ['sessions'], env)
    const lines = stdout.split('\n')
    const at = lines.findIndex((line) => line.startsWith(sessionId.slice(-8)))
    expect(lines[at + 1]).toMatch(new RegExp(`^ *${child.id.slice(-8)} .*└ `))
    // By its id it is found as any.
    const named = await startCli(test.folder, ['rename', child.id, 'Part one'], env)
    expect([named.exitCode, named.stdout]).toEqual([0, `${child.id} is now "Part one".`])
  })

  it('[SAG4] a subagent takes no prompts and changes no doors; the refusal names the way', async () => {
    const { view, child } = await begin()
    tap.resolve()
    await stateWhere(view, isIdle)
    const sessionId = child.id
    const refusal = { data: { name: 'notPossible', facts: { reason: 'subagent' } } }
    await expect(client.command('session/send', { sessionId, input: text('x') })).rejects.toMatchObject(
      refusal,
    )
    await expect(client.command('session/takeOver', { sessionId })).rejects.toMatchObject(refusal)
    await expect(client.command('session/resume', { sessionId })).rejects.toMatchObject(refusal)
    await expect(client.command('session/archive', { sessionId })).rejects.toMatchObject(refusal)
  })

  it('[SAG5] after a restart of the hub they are where they were, and go with their parent', async () => {
    const { sessionId, view, child } = await begin()
    tap.resolve()
    await stateWhere(view, isIdle)
    await stateWhere(
      client.session(child.id),
      ({ summary }) => summary.subagent?.state === 'completed' && summary.lastMessage !== null,
    )
    await test.restart()
    await test.hub.adopted
    client = test.client('laptop')
    expect(await ids({ parentSessionId: sessionId })).toEqual([child.id])
    const { session } = await client.request('session/get', { sessionId: child.id })
    expect(session).toMatchObject({ subagent: { state: 'completed', result: 'the part is done' } })
    const path = rolloutOf(String(child.threadId))
    expect(existsSync(path)).toBe(true)
    const answer = await client.command('session/delete', { sessionId, codex: true })
    expect(answer.deleted).toEqual([sessionId, child.id])
    expect(existsSync(path)).toBe(false)
    expect(await ids({ subagents: true })).not.toContain(child.id)
  })

  function rolloutOf(threadId: string): string {
    const folder = join(test.codex.home, 'sessions')
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    return join(folder, files.find((file) => file.endsWith(`${threadId}.jsonl`)) ?? 'none')
  }
})
