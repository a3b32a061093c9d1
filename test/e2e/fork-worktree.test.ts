/** Forks and new sessions in git work trees, against the real Codex and the scripted model. */
import { existsSync, mkdirSync, readdirSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { HubClient } from '../../src/client/client.ts'
import { isAtLeast } from '../../src/connectors/codex/version.ts'
import type { Script } from '../../src/demo/scripted-model.ts'
import { startCli } from '../cli/run-cli.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { versionOfTestCodex } from '../harness/test-codex.ts'
import { isIdle, said, stateWhere, text } from '../harness/watch.ts'

const script: Script = (request) =>
  request.lastUserText === 'slow'
    ? [{ say: 'a b c d e f g h i j k l m n', pauseMs: 500 }]
    : [{ say: `heard: ${request.userTexts.join(' | ')}` }]

let test: TestHub
let client: HubClient
let project: string

beforeAll(async () => {
  test = await makeHub({ script, model: 'gpt-5.5' })
  client = test.client('laptop')
  project = realpathSync(test.codex.project)
  mkdirSync(join(project, 'sub'))
  writeFileSync(join(project, 'sub', 'a.txt'), 'one')
  const git = (...args: string[]) => execa('git', args, { cwd: project })
  await git('init', '-q', '-b', 'main')
  await git('add', '.')
  await git('-c', 'user.email=test@example.com', '-c', 'user.name=test', 'commit', '-qm', 'one')
})
afterAll(() => test.close())

const forksThrough = isAtLeast(await versionOfTestCodex(), '0.160.0')

const get = (sessionId: string) => client.request('session/get', { sessionId })

it.runIf(forksThrough)(
  '[FRK1] [FRK2] [FRK3] a fork through a turn has its own settings and work tree, and both know of each other',
  async () => {
    const { session } = await client.command('session/create', { cwd: join(project, 'sub'), name: 'Origin' })
    const origin = client.session(session.id)
    for (const [index, prompt] of ['one', 'two'].entries()) {
      await client.command('session/send', { sessionId: session.id, input: text(prompt) })
      await stateWhere(origin, (state) => isIdle(state) && state.turns.length === index + 1)
    }
    const { turns } = origin.getSnapshot().state ?? { turns: [] }
    const { session: fork, worktree } = await client.command('session/fork', {
      sessionId: session.id,
      throughTurnId: String(turns[0]?.id),
      settings: { model: 'gpt-5.4', effort: 'high', approvalPolicy: 'never', sandbox: 'read-only' },
      name: 'Another way',
      worktree: {},
    })
    const path = `${project}.worktrees/another-way`
    expect(worktree).toMatchObject({ path, branch: 'codex/another-way' })
    expect(fork).toMatchObject({
      cwd: join(path, 'sub'),
      title: 'Another way',
      forkedFromThreadId: session.threadId,
      settings: { model: 'gpt-5.4', effort: 'high', approvalPolicy: 'never', sandbox: 'read-only' },
    })
    const view = client.session(fork.id)
    expect(said(await stateWhere(view, (state) => state.turns.length === 1))).toEqual(['heard: one'])
    await client.command('session/send', { sessionId: fork.id, input: text('three') })
    const state = await stateWhere(view, (each) => isIdle(each) && each.turns.length === 2)
    expect(said(state)).toEqual(['heard: one', 'heard: one | three'])
    expect(test.codex.model.requests.at(-1)?.body).toMatchObject({
      model: 'gpt-5.4',
      reasoning: { effort: 'high' },
    })
    expect(JSON.stringify(test.codex.model.requests.at(-1)?.body)).toContain(
      `<cwd>${join(path, 'sub')}</cwd>`,
    )
    const { worktrees } = await client.request('worktree/list', { cwd: project })
    expect(worktrees.map((each) => [each.path, each.sessions])).toEqual([
      [project, [session.id]],
      [path, [fork.id]],
    ])
    const ref = (each: typeof fork) => ({ threadId: each.threadId, sessionId: each.id, title: each.title })
    const nobody = {
      forkedFrom: null,
      forks: [],
      parent: null,
      subagents: [],
      reviewOf: null,
      reviews: [],
    }
    expect((await get(session.id)).relations).toEqual({ ...nobody, forks: [ref(fork)] })
    await test.restart()
    client = test.client('laptop')
    expect((await get(session.id)).relations).toEqual({ ...nobody, forks: [ref(fork)] })
    expect((await get(fork.id)).relations).toEqual({
      ...nobody,
      forkedFrom: { threadId: session.threadId, sessionId: session.id, title: 'Origin' },
    })
  },
)

it('[WTR8] a session starts in a work tree; one that cannot start leaves none', async () => {
  const env = { CODEX_HUB_URL: test.hub.url, CODEX_HUB_TOKEN: test.hub.token }
  const cli = (...args: string[]) => startCli(test.folder, args, env)
  const made = await cli('--json', 'new', 'Look here', '--cwd', project, '--new-branch', 'look')
  const session = JSON.parse(made.stdout)
  expect(session).toMatchObject({ cwd: `${project}.worktrees/look` })
  await stateWhere(client.session(session.id), isIdle)
  const before = await client.request('worktree/list', { cwd: project })
  const wrong = { cwd: project, settings: { approvalPolicy: 'no-such-policy' } }
  await expect(client.command('session/create', { ...wrong, worktree: {} })).rejects.toMatchObject({
    data: { name: 'unsupported' },
  })
  expect(await client.request('worktree/list', { cwd: project })).toEqual(before)
  expect(readdirSync(`${project}.worktrees`)).toEqual([...(forksThrough ? ['another-way'] : []), 'look'])
  const taken = await cli('new', '--cwd', project, '--branch', 'look')
  expect([taken.exitCode, taken.stderr]).toEqual([
    5,
    `codex-hub: The branch look is checked out in ${project}.worktrees/look.`,
  ])
  expect((await cli('worktree', 'list', '--cwd', project)).stdout).toMatch(/^look +clean +1 +\S+look$/m)
})

it('[WTR10] the command line makes a work tree without a session, lists it and removes it', async () => {
  const cli = async (...args: string[]) =>
    (await startCli(test.folder, ['worktree', ...args, '--cwd', project])).stdout
  const path = `${project}.worktrees/try-it`
  expect(await cli('create', '--new-branch', 'try-it')).toBe(`${path} on try-it`)
  expect(await cli('list')).toMatch(new RegExp(`^try-it +clean +0 +${path}$`, 'm'))
  expect(await cli('remove', path)).toBe(`${path} is removed; the branch try-it stays.`)
  expect(existsSync(path)).toBe(false)
})

it('[WTR9] a work tree in which a turn runs is not removed', async () => {
  const { session, worktree } = await client.command('session/create', {
    cwd: project,
    input: text('slow'),
    worktree: {},
  })
  const path = String(worktree?.path)
  const view = client.session(session.id)
  await stateWhere(view, (state) => said(state).length === 1)
  await expect(client.command('worktree/remove', { path, force: true })).rejects.toMatchObject({
    data: { name: 'notPossible', facts: { reason: 'turnInProgress', sessionId: session.id } },
  })
  await client.command('session/interrupt', { sessionId: session.id })
  await stateWhere(view, isIdle)
  expect(await client.command('worktree/remove', { path })).toEqual({ path, branch: 'codex/slow' })
  const after = await stateWhere(view, ({ summary }) => summary.door === 'dormant')
  expect([existsSync(path), after.summary.phase]).toEqual([false, 'dormant'])
})

it('[FRK4] a release that would fork the whole thread refuses a fork through a turn, and leaves nothing', async () => {
  const { session } = await client.command('session/create', { cwd: project, input: text('one') })
  const { turns } = await stateWhere(client.session(session.id), isIdle)
  const asked = client.command('session/fork', {
    sessionId: session.id,
    throughTurnId: String(turns[0]?.id),
    worktree: { newBranch: 'through' },
  })
  const { worktrees } = forksThrough
    ? await asked.then(() => client.request('worktree/list', { cwd: project }))
    : await expect(asked)
        .rejects.toMatchObject({ data: { name: 'unsupported' } })
        .then(() => client.request('worktree/list', { cwd: project }))
  const through = worktrees.find(({ branch }) => branch === 'through')
  expect(through !== undefined).toBe(forksThrough)
  if (through) await client.command('worktree/remove', { path: through.path, force: true })
})
