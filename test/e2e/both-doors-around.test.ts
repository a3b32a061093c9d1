/**
 * What cannot be done on a session, what Codex has around it, and what it asks of a person: behind both doors, as
 * `both-doors.test.ts` has the operations themselves.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isAtLeast } from '../../src/connectors/codex/version.ts'
import type { Script } from '../../src/demo/scripted-model.ts'
import { type BothDoors, DOORS, startBothDoors } from '../harness/both-doors.ts'
import { versionOfTestCodex } from '../harness/test-codex.ts'
import { until } from '../harness/until.ts'
import { isIdle, said, stateWhere, text } from '../harness/watch.ts'

let tap = Promise.withResolvers<void>()
const script: Script = ({ lastUserText, afterTool, userTexts }) => {
  if (lastUserText === 'wait') return [{ say: 'waiting' }, { until: tap.promise }]
  if (lastUserText.startsWith('echo ') && !afterTool)
    return [{ call: 'exec_command', args: { cmd: lastUserText } }]
  if (lastUserText === 'ask' && !afterTool) {
    const escalated = { sandbox_permissions: 'require_escalated', justification: 'to see' }
    return [{ say: 'May I?' }, { call: 'exec_command', args: { cmd: 'echo lighthouse', ...escalated } }]
  }
  return [{ say: `heard: ${userTexts.join(' | ')}` }]
}

describe.runIf(isAtLeast(await versionOfTestCodex(), '0.160.0'))('around sessions', () => {
  let doors: BothDoors
  beforeAll(async () => {
    doors = await startBothDoors({ script })
  }, 60_000)
  afterAll(() => doors.close(), 60_000)

  const refusalOf = (asked: Promise<unknown>) =>
    asked.then(
      () => 'done',
      ({ data }) => [data.name, data.facts.reason].filter(Boolean).join(' '),
    )

  describe.each(DOORS)('on a session that is $door', ({ door }) => {
    it('[OPS13] what a running turn does not allow is refused, and the turn goes on', async () => {
      tap = Promise.withResolvers()
      const { client } = doors
      const { sessionId, view, state } = await doors.begin(door, 'wait')
      const throughTurnId = String(state.turns[0]?.id)
      const refused: Record<string, Promise<unknown>> = {
        fork: client.command('session/fork', { sessionId, throughTurnId }),
        revert: client.command('session/revert', { sessionId, count: 1 }),
        compact: client.command('session/compact', { sessionId }),
        review: client.command('session/review', { sessionId, target: { type: 'uncommittedChanges' } }),
        archive: client.command('session/archive', { sessionId }),
        delete: client.command('session/delete', { sessionId, codex: true }),
        prompt: client.command('session/send', { sessionId, input: text('x'), whenBusy: 'reject' }),
        stale: client.command('session/steer', { sessionId, input: text('x'), expectedTurnId: 'other' }),
      }
      const outcomes = await Promise.all(
        Object.entries(refused).map(async ([name, asked]) => [name, await refusalOf(asked)]),
      )
      const busy = 'notPossible turnInProgress'
      expect(Object.fromEntries(outcomes)).toEqual({
        ...Object.fromEntries(Object.keys(refused).map((name) => [name, busy])),
        stale: 'stale',
      })
      tap.resolve()
      const after = await stateWhere(view, isIdle)
      expect([said(after), after.turns.length, after.summary.door]).toEqual([['waiting'], 1, door])
    })

    it('[OPS13] what is not there is refused by its name, and nothing changes', async () => {
      const { client, project, test } = doors
      const { sessionId, view } = await doors.beginIdle(door)
      const before = view.getSnapshot().state
      const elsewhere = mkdtempSync(join(tmpdir(), 'no-repository-'))
      const taken = join(test.codex.project, `taken-${door}`)
      mkdirSync(join(taken, 'x'), { recursive: true })
      const review = (target: object) =>
        client.command('session/review', { sessionId, target: target as { type: 'uncommittedChanges' } })
      const fork = (worktree: object) => client.command('session/fork', { sessionId, worktree })
      const refused: Record<string, Promise<unknown>> = {
        'more turns than there are': client.command('session/revert', { sessionId, count: 5 }),
        'an unknown turn': client.command('session/revert', { sessionId, turnId: 'none' }),
        'a fork through an unknown turn': client.command('session/fork', {
          sessionId,
          throughTurnId: 'none',
        }),
        'a review against no branch': review({ type: 'baseBranch', branch: 'none' }),
        'a review of no commit': review({ type: 'commit', sha: 'abcdef1' }),
        'a work tree of no branch': fork({ branch: 'none' }),
        'a work tree where something is': fork({ newBranch: `new-${door}`, path: taken }),
        'a work tree outside a repository': client.command('session/fork', {
          sessionId,
          cwd: elsewhere,
          worktree: {},
        }),
        'an entry that does not wait': client.command('queue/remove', { sessionId, entryId: 'none' }),
        'an effort the model lacks': client.command('session/send', {
          sessionId,
          input: text('x'),
          settings: { model: 'gpt-5.5', effort: 'heroic' },
        }),
        'a command that does not run': client.command('terminal/terminate', { sessionId, processId: 'none' }),
      }
      const outcomes = await Promise.all(
        Object.entries(refused).map(async ([name, asked]) => [name, await refusalOf(asked)]),
      )
      rmSync(elsewhere, { recursive: true })
      expect(Object.fromEntries(outcomes)).toEqual({
        'more turns than there are': 'notPossible tooFewTurns',
        'an unknown turn': 'notFound',
        'a fork through an unknown turn': 'notFound',
        'a review against no branch': 'notPossible branchMissing',
        'a review of no commit': 'notPossible commitMissing',
        'a work tree of no branch': 'notPossible branchMissing',
        'a work tree where something is': 'notPossible pathTaken',
        'a work tree outside a repository': 'notPossible notARepository',
        'an entry that does not wait': 'notFound',
        'an effort the model lacks': 'invalidParams',
        'a command that does not run': 'notFound',
      })
      expect(view.getSnapshot().state).toEqual(before)
      const { worktrees } = await client.request('worktree/list', { cwd: project })
      expect(worktrees.map(({ path }) => path)).toEqual([project])
    })

    it('[OPS9] files come back with the turn that changed them', async () => {
      const { client, project } = doors
      const settings = { sandbox: 'danger-full-access', approvalPolicy: 'never' } as const
      const { sessionId, view } = await doors.beginIdle(door, settings)
      const name = `made-${door}.txt`
      await client.command('session/send', { sessionId, input: text(`echo made > ${name}`) })
      await stateWhere(view, (state) => isIdle(state) && state.turns.length === 2)
      expect(readFileSync(join(project, name), 'utf8')).toBe('made\n')
      const end = () => execFileSync('git', ['for-each-ref', `refs/codex-hub/${sessionId}`], { cwd: project })
      await until(() => /\/end$/m.test(end().toString()))
      const revert = { sessionId, count: 1, restoreFiles: true }
      const { files, turnIds } = await client.command('session/revert', revert)
      expect([files.state, files.paths, turnIds.length]).toEqual(['restored', [name], 1])
      expect(existsSync(join(project, name))).toBe(false)
    })

    it('[OPS9] what Codex has around it is asked of its own Codex', async () => {
      const { client, project } = doors
      const { sessionId } = await doors.beginIdle(door)
      const place = { sessionId }
      expect(await client.request('hook/list', place)).toMatchObject({ folders: [{ cwd: project }] })
      expect(await client.request('plugin/list', { ...place, installedOnly: true })).toMatchObject({
        plugins: [],
      })
      const { providers } = await client.request('modelProvider/list', place)
      expect(providers.find(({ isDefault }) => isDefault)?.id).toBe('mock')
      const { profiles } = await client.request('permissionProfile/list', place)
      expect(profiles.length).toBeGreaterThan(0)
      const { modes } = await client.request('collaborationMode/list', place)
      expect(modes.map(({ mode }) => mode)).toEqual(expect.arrayContaining(['plan', 'default']))
      const { features } = await client.request('feature/list', place)
      expect(features.length).toBeGreaterThan(0)
      expect((await client.request('config/read', place)).config).toMatchObject({ model_provider: 'mock' })
      expect(await client.request('account/read', place)).toMatchObject({ type: null, needsLogin: false })
      const { job } = await client.command('exec/start', { ...place, command: ['pwd'] })
      expect(job.title).toBe('pwd')
    })

    it('[OPS9] what it asks is answered here, asks for a person until then, and is found by its words', async () => {
      const { client } = doors
      const log = client.attention()
      const entries = () => [...(log.getSnapshot().state?.entries.values() ?? [])]
      const stop = log.subscribe(() => {})
      const settings = { approvalPolicy: 'on-request', sandbox: 'read-only' } as const
      const { sessionId, view } = await doors.begin(door, 'ask', settings)
      const { approvals } = await stateWhere(view, (state) => state.approvals.length > 0)
      const mine = (kind: string) =>
        entries().find((each) => each.sessionId === sessionId && each.kind === kind)
      await until(() => mine('approval') !== undefined)
      const approvalId = String(approvals[0]?.id)
      await client.command('approval/decide', { sessionId, approvalId, answer: { choice: 'accept' } })
      await until(() => (mine('approval')?.clearedAt ?? null) !== null && mine('finished') !== undefined)
      stop()
      log.release()
      const done = await stateWhere(view, isIdle)
      expect(done.approvals.map(({ state }) => state)).toEqual(['decided'])
      await client.command('session/send', { sessionId, input: text(`the bright ${door} lighthouse`) })
      await stateWhere(view, (state) => isIdle(state) && state.turns.length === 2)
      const search = () => client.request('session/search', { query: `bright ${door} lighthouse` })
      await until(async () => (await search()).hits.length > 0)
      expect(new Set((await search()).hits.map((hit) => hit.sessionId))).toEqual(new Set([sessionId]))
    })
  })
})
