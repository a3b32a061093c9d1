/**
 * Every operation on a session, behind both doors: one the hub drives, and one that another client began in the user's
 * Codex daemon. The same test runs on each, so that what works on one works on the other.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readStartToken } from '../../src/base/process-identity.ts'
import type { HubClient } from '../../src/client/client.ts'
import { isAtLeast } from '../../src/connectors/codex/version.ts'
import type { Step } from '../../src/demo/answer.ts'
import type { ModelRequest } from '../../src/demo/model-request.ts'
import type { Script } from '../../src/demo/scripted-model.ts'
import type { SettingsRequest } from '../../src/protocol/settings.ts'
import { type BothDoors, DOORS, startBothDoors } from '../harness/both-doors.ts'
import type { TestHub } from '../harness/hub.ts'
import { locateTestCodex } from '../harness/test-codex.ts'
import { until } from '../harness/until.ts'
import { isIdle, said, stateWhere, text } from '../harness/watch.ts'

const SERVER = fileURLToPath(new URL('../fixtures/programs/mcp-asks.mjs', import.meta.url))
const PLAN = '# Plan\n- one\n'
const FINDINGS = {
  findings: [
    {
      title: '[P1] Do not add two',
      body: 'It breaks.',
      confidence_score: 0.9,
      priority: 1,
      code_location: { absolute_file_path: 'a.txt', line_range: { start: 2, end: 2 } },
    },
  ],
  overall_correctness: 'patch is incorrect',
  overall_explanation: 'It breaks things.',
  overall_confidence_score: 0.8,
}

let tap = Promise.withResolvers<void>()
const script: Script = ({ lastUserText: prompt, toolOutputs, userTexts }) => {
  const agents = (call: string, args: object): Step[] => [{ call, namespace: 'multi_agent_v1', args }]
  if (prompt === 'wait') return [{ say: 'waiting' }, { until: tap.promise }]
  if (prompt.startsWith('Review')) return [{ say: JSON.stringify(FINDINGS) }]
  if (prompt === 'plan it') return [{ say: `<proposed_plan>\n${PLAN}</proposed_plan>` }]
  if (prompt === 'part') return [{ say: 'the part is done' }]
  if (prompt === 'delegate') {
    const [spawned] = toolOutputs
    if (spawned === undefined) return agents('spawn_agent', { message: 'part' })
    if (toolOutputs.length > 1) return [{ say: 'all done' }]
    return agents('wait_agent', { targets: [JSON.parse(spawned).agent_id], timeout_ms: 60_000 })
  }
  const [, file] = /^background (\S+)$/.exec(prompt) ?? []
  if (file && toolOutputs.length === 0) {
    // What it says in its first moment Codex 0.169 tells at times only when it ends.
    const cmd = `echo $$ > ${file}; sleep 0.4; echo begun; exec sleep 1000`
    return [{ call: 'exec_command', args: { cmd, yield_time_ms: 250 } }]
  }
  // Input into a turn ends the answer it comes into, where that is between two items: the turn must not end with it.
  if (prompt === 'and more') return [{ until: tap.promise }, { say: `heard: ${userTexts.join(' | ')}` }]
  return [{ inputTokens: 50_000 }, { say: `heard: ${userTexts.join(' | ')}` }]
}

const installation = await locateTestCodex()

// Releases up to 0.142 have no daemon a terminal would use by itself.
describe.runIf(isAtLeast(installation.version, '0.160.0'))('operations', () => {
  let test: TestHub
  let client: HubClient
  let project: string
  let doors: BothDoors

  beforeAll(async () => {
    const toml = `[mcp_servers.asks]\ncommand = ${JSON.stringify(process.execPath)}\nargs = [${JSON.stringify(SERVER)}]`
    doors = await startBothDoors({ script, toml })
    ;({ test, client, project } = doors)
    const skill = join(test.codex.home, 'skills', 'tidy')
    mkdirSync(skill, { recursive: true })
    writeFileSync(join(skill, 'SKILL.md'), '---\nname: tidy\ndescription: Tidies.\n---\nSweep.')
  }, 60_000)
  afterAll(() => doors.close(), 60_000)

  describe.each(DOORS)('on a session that is $door', ({ door }) => {
    const begin = (prompt: string) => doors.begin(door, prompt)
    const beginIdle = (settings: SettingsRequest = {}) => doors.beginIdle(door, settings)

    const lastRequest = (prompt: string): ModelRequest | undefined =>
      test.codex.model.requests.findLast(({ lastUserText }) => lastUserText === prompt)

    it('[OPS9] a prompt brings settings, a folder and a schema', async () => {
      const { sessionId, view } = await beginIdle()
      const cwd = join(project, `inner-${door}`)
      mkdirSync(cwd)
      const settings = {
        model: 'gpt-5.4',
        effort: 'high',
        sandbox: 'read-only',
        approvalPolicy: 'never',
      } as const
      const schema = { type: 'object', properties: { done: { type: 'boolean' } }, required: ['done'] }
      const outputSchema = { ...schema, additionalProperties: false }
      const prompt = `as json, ${door}`
      await client.command('session/send', { sessionId, input: text(prompt), settings, cwd, outputSchema })
      const { summary } = await stateWhere(view, (state) => isIdle(state) && state.turns.length === 2)
      expect(summary).toMatchObject({ door, cwd, settings })
      expect(lastRequest(prompt)?.body).toMatchObject({
        model: 'gpt-5.4',
        reasoning: { effort: 'high' },
        text: { format: { type: 'json_schema', schema: outputSchema } },
      })
    })

    it('[OPS9] a running turn is steered, and the queue waits for its end', async () => {
      tap = Promise.withResolvers()
      const { sessionId, view } = await begin('wait')
      const turnId = String(view.getSnapshot().state?.turns[0]?.id)
      const steered = await client.command('session/send', {
        sessionId,
        input: text('and more'),
        whenBusy: 'steer',
      })
      expect(steered).toEqual({ turnId, taken: 'steered', entryId: null })
      const queued = await client.command('session/send', { sessionId, input: text('then this') })
      expect(queued.taken).toBe('queued')
      const stale = client.command('session/steer', { sessionId, expectedTurnId: 'other', input: text('x') })
      await expect(stale).rejects.toMatchObject({ data: { name: 'stale', facts: { running: turnId } } })
      tap.resolve()
      const state = await stateWhere(view, (each) => isIdle(each) && each.turns.length === 2)
      expect(said(state).slice(-2)).toEqual(['heard: wait | and more', 'heard: wait | and more | then this'])
      expect(state.queue).toMatchObject({ entries: [], hold: null, sent: [{ id: queued.entryId }] })
    })

    it('[OPS9] a running turn is interrupted', async () => {
      tap = Promise.withResolvers()
      const { sessionId, view } = await begin('wait')
      await client.command('session/interrupt', { sessionId })
      const state = await stateWhere(view, isIdle)
      tap.resolve()
      expect(state.turns.map(({ status }) => status)).toEqual(['interrupted'])
    })

    it('[OPS9] the context is compacted, and turns are taken back', async () => {
      const { sessionId, view } = await beginIdle()
      const { turnId } = await client.command('session/compact', { sessionId })
      const compacted = await stateWhere(view, (state) => isIdle(state) && state.turns.length === 2)
      expect(compacted.turns.at(-1)).toMatchObject({ id: turnId, status: 'completed' })
      expect(compacted.items.at(-1)).toMatchObject({ type: 'contextCompaction', status: 'completed' })
      await client.command('session/send', { sessionId, input: text('a mistake') })
      const { turns } = await stateWhere(view, (state) => isIdle(state) && state.turns.length === 3)
      const answer = await client.command('session/revert', { sessionId, count: 1 })
      expect(answer).toMatchObject({ turnIds: [turns[2]?.id], session: { door } })
      const state = await stateWhere(view, (each) => each.turns.length === 2)
      expect(said(state).some((words) => words.includes('a mistake'))).toBe(false)
    })

    it('[OPS9] it is forked through a turn, into a work tree', async () => {
      const { sessionId, view, threadId, state } = await beginIdle()
      await client.command('session/send', { sessionId, input: text('two') })
      await stateWhere(view, (each) => isIdle(each) && each.turns.length === 2)
      const { session, worktree } = await client.command('session/fork', {
        sessionId,
        throughTurnId: String(state.turns[0]?.id),
        worktree: { newBranch: `from-${door}` },
      })
      expect(session).toMatchObject({ door: 'driven', forkedFromThreadId: threadId, cwd: worktree?.path })
      expect(said(await stateWhere(client.session(session.id), isIdle))).toEqual(['heard: hello'])
      const { relations } = await client.request('session/get', { sessionId })
      expect(relations.forks.map((each) => each.sessionId)).toEqual([session.id])
      await client.command('session/end', { sessionId: session.id })
    })

    it('[OPS9] its changes are reviewed, and the findings sent', async () => {
      const { sessionId, view } = await beginIdle()
      const target = { type: 'uncommittedChanges' } as const
      const { turnId } = await client.command('session/review', { sessionId, target })
      const reviewed = await stateWhere(view, (state) => isIdle(state) && state.turns.length === 2)
      expect(reviewed.summary.door).toBe(door)
      const { review } = await client.request('review/read', { sessionId })
      expect(review).toMatchObject({ turnId, findings: [{ title: 'Do not add two', priority: 1 }] })
      await client.command('review/send', { sessionId, note: 'Mend this.' })
      const state = await stateWhere(view, (each) => isIdle(each) && each.turns.length === 3)
      expect(said(state).at(-1)).toContain('Mend this.')
    })

    it('[OPS9] it is renamed, archived, brought back and deleted', async () => {
      const { sessionId, threadId } = await beginIdle()
      expect((await client.command('session/rename', { sessionId, name: 'Other' })).session.title).toBe(
        'Other',
      )
      const archived = await client.command('session/archive', { sessionId })
      expect(archived.session.archived).toBe(true)
      const back = await client.command('session/unarchive', { sessionId })
      expect(back.session).toMatchObject({ id: sessionId, archived: false, threadId })
      const answer = await client.command('session/delete', { sessionId, codex: true })
      expect(answer).toEqual({ threadId: null, deleted: [sessionId] })
      await expect(client.request('session/get', { sessionId })).rejects.toMatchObject({
        data: { name: 'sessionNotFound' },
      })
      const { threads } = await client.request('thread/list', {})
      expect(threads.map((each) => each.threadId)).not.toContain(threadId)
    })

    it('[OPS9] its MCP servers and skills are told', async () => {
      const { sessionId, view } = await beginIdle()
      const { mcpServers } = await stateWhere(view, (state) => state.mcpServers[0]?.state === 'ready')
      expect(mcpServers).toEqual([{ name: 'asks', state: 'ready', error: null }])
      const { servers } = await client.request('mcpServer/list', { sessionId })
      expect(servers).toMatchObject([{ name: 'asks', state: 'ready', tools: [{ name: 'order' }] }])
      const { folders } = await client.request('skill/list', { sessionId, cwds: [project] })
      expect(folders[0]?.skills.map(({ name }) => name)).toContain('tidy')
      expect(await client.command('mcpServer/reload', { sessionId })).toEqual({})
    })

    it('[OPS9] it has a goal', async () => {
      const { sessionId, view } = await beginIdle()
      const { goal } = await client.command('goal/set', { sessionId, objective: 'Peace', status: 'paused' })
      expect((await stateWhere(view, (state) => state.goal !== null)).goal).toEqual(goal)
      expect(await client.request('goal/get', { sessionId })).toEqual({ goal })
      expect(await client.command('goal/clear', { sessionId })).toEqual({ cleared: true })
      await stateWhere(view, (state) => state.goal === null)
    })

    it('[OPS9] it plans, and the plan is accepted', async () => {
      const { sessionId, view } = await beginIdle()
      const input = text('plan it')
      await client.command('session/send', { sessionId, input, settings: { mode: 'plan' } })
      const planned = await stateWhere(view, (state) => isIdle(state) && state.turns.length === 2)
      expect(planned.items.find(({ type }) => type === 'plan')?.body.text).toBe(PLAN)
      await client.command('plan/decide', { sessionId, decision: 'accept' })
      const state = await stateWhere(view, (each) => isIdle(each) && each.turns.length === 3)
      expect([state.summary.door, state.summary.settings.mode]).toEqual([door, 'default'])
    })

    it('[OPS9] a command in its background is listed with its output, and terminated', async () => {
      const settings = { sandbox: 'danger-full-access', approvalPolicy: 'never' } as const
      const { sessionId, view } = await beginIdle(settings)
      const file = join(project, `pid-${door}`)
      await client.command('session/send', { sessionId, input: text(`background ${file}`) })
      await stateWhere(view, (state) => isIdle(state) && state.turns.length === 2)
      await until(() => existsSync(file) && readFileSync(file, 'utf8').trim() !== '')
      const pid = Number(readFileSync(file, 'utf8'))
      const list = () => client.request('terminal/list', { sessionId })
      await until(async () => (await list()).terminals.some(({ output }) => output !== ''))
      const { terminals } = await list()
      expect(terminals).toMatchObject([{ cwd: project, output: 'begun\n' }])
      const processId = terminals[0]?.processId ?? ''
      expect(await client.command('terminal/terminate', { sessionId, processId })).toEqual({
        terminated: true,
      })
      await until(async () => (await readStartToken(pid)) === null)
      expect(await list()).toEqual({ terminals: [] })
    })

    it('[OPS9] its subagents are shown under it, with their result', async () => {
      const { sessionId, view } = await beginIdle()
      await client.command('session/send', { sessionId, input: text('delegate') })
      await stateWhere(view, (state) => isIdle(state) && said(state).includes('all done'))
      const children = async () =>
        (await client.request('session/list', { parentSessionId: sessionId })).sessions
      await until(async () => (await children())[0]?.subagent?.state === 'completed')
      expect(await children()).toMatchObject([{ subagent: { result: 'the part is done' } }])
    })

    it('[OPS9] it is exported', async () => {
      const { sessionId } = await beginIdle()
      const { text: markdown } = await client.request('session/export', { sessionId, format: 'markdown' })
      expect(markdown).toContain('heard: hello')
    })
  })
})
