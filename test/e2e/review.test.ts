/** Reviews, against the real Codex and the scripted model as the reviewer. */
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { HubClient } from '../../src/client/client.ts'
import { isAtLeast } from '../../src/connectors/codex/version.ts'
import type { Script } from '../../src/demo/scripted-model.ts'
import { startCli } from '../cli/run-cli.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { versionOfTestCodex } from '../harness/test-codex.ts'
import { until } from '../harness/until.ts'
import { isIdle, said, stateWhere, text } from '../harness/watch.ts'

let test: TestHub
let client: HubClient
let project: string
let tap = Promise.withResolvers<void>()
const namesItems = isAtLeast(await versionOfTestCodex(), '0.160.0')

const output = () =>
  JSON.stringify({
    findings: [
      {
        title: '[P1] Do not add two',
        body: 'Because it breaks.\nIn two lines.',
        confidence_score: 0.9,
        priority: 1,
        code_location: {
          absolute_file_path: join(project, 'a.txt'),
          line_range: { start: 2, end: 2 },
        },
      },
      {
        title: '[P3] Name it',
        body: 'A better name.',
        confidence_score: 0.4,
        priority: 3,
        code_location: {
          absolute_file_path: join(project, 'a.txt'),
          line_range: { start: 1, end: 2 },
        },
      },
    ],
    overall_correctness: 'patch is incorrect',
    overall_explanation: 'It breaks things.',
    overall_confidence_score: 0.8,
  })

const script: Script = ({ lastUserText }) => {
  if (lastUserText.startsWith('Review') || lastUserText.startsWith('look at'))
    return [{ say: 'I look.' }, { say: output() }]
  if (lastUserText.startsWith('wait')) return [{ say: 'I wait.' }, { until: tap.promise }]
  if (lastUserText.startsWith('plainly')) return [{ say: 'All is well.' }]
  return [{ say: `heard: ${lastUserText}` }]
}

beforeAll(async () => {
  test = await makeHub({ script })
  await test.hub.adopted
  client = test.client('laptop')
  project = realpathSync(test.codex.project)
  const git = (...args: string[]) =>
    execa('git', ['-c', 'user.email=test@example.com', '-c', 'user.name=test', ...args], { cwd: project })
  await git('init', '-q', '-b', 'main')
  writeFileSync(join(project, 'a.txt'), 'one\n')
  await git('add', '.')
  await git('commit', '-qm', 'The first')
  await git('branch', 'other')
  writeFileSync(join(project, 'a.txt'), 'one\ntwo\n')
})
afterAll(() => test.close())

async function begin(cwd = project) {
  const { session } = await client.command('session/create', { cwd, input: text('hello') })
  const view = client.session(session.id)
  return { sessionId: session.id, view, state: await stateWhere(view, isIdle) }
}

const findings = () => [
  {
    id: 'f1',
    title: 'Do not add two',
    text: 'Because it breaks.\nIn two lines.',
    priority: 1,
    confidence: namesItems ? 0.9 : null,
    file: join(project, 'a.txt'),
    startLine: 2,
    endLine: 2,
  },
  {
    id: 'f2',
    title: 'Name it',
    text: 'A better name.',
    priority: 3,
    confidence: namesItems ? 0.4 : null,
    file: join(project, 'a.txt'),
    startLine: 1,
    endLine: 2,
  },
]

it('[RVW1] [RVW2] a review is one turn with its beginning and end, and its findings are rows', async () => {
  const { sessionId, view, state: before } = await begin()
  expect(before.summary.capabilities).toContain('session/review')
  const { session, turnId } = await client.command('session/review', {
    sessionId,
    target: { type: 'uncommittedChanges' },
  })
  expect(session.id).toBe(sessionId)
  const state = await stateWhere(view, (each) => isIdle(each) && each.turns.length === 2)
  expect(state.turns.map(({ id, status }) => [id, status])).toEqual([
    [before.turns[0]?.id, 'completed'],
    [turnId, 'completed'],
  ])
  const inTurn = state.items.filter((item) => item.turnId === turnId)
  const types = inTurn.map(({ type, status }) => `${type} ${status}`)
  expect(types[0]).toBe('enteredReviewMode completed')
  expect(types.slice(-2)).toEqual(['exitedReviewMode completed', 'agentMessage completed'])
  // The reviewer's raw answer is in none of them.
  expect(said(state).filter((words) => words.includes('overall_explanation'))).toEqual([])
  expect(inTurn.every((item) => item.status === 'completed')).toBe(true)
  const { review } = await client.request('review/read', { sessionId })
  expect(review).toEqual({
    turnId,
    itemId: inTurn.find(({ type }) => type === 'exitedReviewMode')?.id,
    status: 'completed',
    explanation: 'It breaks things.',
    correctness: namesItems ? 'patch is incorrect' : null,
    findings: findings(),
  })
  expect(await client.request('review/read', { sessionId, turnId: 'another' })).toEqual({ review: null })
  // Read back by another hub it is the same; 0.142 tells its own past of a review otherwise.
  if (!namesItems) return
  await test.restart()
  client = test.client('laptop')
  const again = await stateWhere(client.session(sessionId), (each) => each.turns.length === 2)
  expect(again.items.filter((item) => item.turnId === turnId).map(({ id }) => id)).toEqual(
    inTurn.map(({ id }) => id),
  )
})

it("[SAG6] the reviewer is nobody's session", async () => {
  const { sessionId, view } = await begin()
  const before = await client.request('session/list', { subagents: true })
  await client.command('session/review', { sessionId, target: { type: 'uncommittedChanges' } })
  await stateWhere(view, (each) => isIdle(each) && each.turns.length === 2)
  const threads = async () => (await client.request('home/list', {})).homes[0]
  // Its rollout has been seen and looked at.
  await until(async () => {
    const home = await threads()
    return home !== undefined && home.waiting === 0 && home.threads > before.sessions.length
  })
  const after = await client.request('session/list', { subagents: true })
  expect(after.sessions.map(({ id }) => id).toSorted()).toEqual(
    before.sessions.map(({ id }) => id).toSorted(),
  )
})

it.runIf(namesItems)('[RVW7] a review read from its rollout is the one that was followed', async () => {
  const { sessionId, view } = await begin()
  const { turnId } = await client.command('session/review', {
    sessionId,
    target: { type: 'uncommittedChanges' },
  })
  const live = await stateWhere(view, (each) => isIdle(each) && each.turns.length === 2)
  const { threadId } = await client.command('session/delete', { sessionId })
  const { session } = await client.command('session/adopt', { threadId: String(threadId) })
  const read = await stateWhere(
    client.session(session.id),
    ({ turns }) => turns.length === 2 && turns.every(({ status }) => status === 'completed'),
  )
  expect(read.turns.map(({ id }) => id)).toEqual(live.turns.map(({ id }) => id))
  const told = (state: typeof live) =>
    state.items.filter((item) => item.turnId === turnId).map(({ id, type, body }) => [id, type, body.review])
  expect(told(read)).toEqual(told(live))
  const { review } = await client.request('review/read', { sessionId: session.id })
  expect(review).toMatchObject({ turnId, findings: findings() })
})

it('[RVW2] a review without structure is text', async () => {
  const { sessionId, view } = await begin()
  const { turnId } = await client.command('session/review', {
    sessionId,
    target: { type: 'custom', instructions: 'plainly, how is it?' },
  })
  await stateWhere(view, (each) => isIdle(each) && each.turns.length === 2)
  const { review } = await client.request('review/read', { sessionId, turnId })
  expect(review).toMatchObject({ explanation: 'All is well.', findings: [] })
  await expect(client.command('review/send', { sessionId })).rejects.toMatchObject({
    data: { name: 'notPossible', facts: { reason: 'noFindings' } },
  })
})

it('[RVW3] what is not there is not reviewed, and nothing outside a repository', async () => {
  const { sessionId, view } = await begin()
  const asked = test.codex.model.requests.length
  const refusal = async (
    id: string,
    target: Parameters<typeof client.command<'session/review'>>[1]['target'],
  ) => {
    const error = await client.command('session/review', { sessionId: id, target }).catch((cause) => cause)
    return [error.data?.name, error.data?.facts.reason]
  }
  expect(await refusal(sessionId, { type: 'baseBranch', branch: 'none' })).toEqual([
    'notPossible',
    'branchMissing',
  ])
  expect(await refusal(sessionId, { type: 'commit', sha: 'none' })).toEqual(['notPossible', 'commitMissing'])
  const outside = join(test.codex.home, 'outside')
  mkdirSync(outside)
  const far = await client.command('session/create', { cwd: outside })
  expect(await refusal(far.session.id, { type: 'uncommittedChanges' })).toEqual([
    'notPossible',
    'notARepository',
  ])
  const clean = join(test.codex.home, 'clean')
  await execa('git', ['clone', '-q', project, clean])
  const tidy = await client.command('session/create', { cwd: clean })
  expect(await refusal(tidy.session.id, { type: 'uncommittedChanges' })).toEqual(['notPossible', 'noChanges'])
  expect(view.getSnapshot().state?.turns).toHaveLength(1)
  expect(test.codex.model.requests.length).toBe(asked)
})

it('[RVW4] [RVW5] a detached review is a session of its own; chosen findings are the next prompt', async () => {
  const { sessionId, view } = await begin()
  const { session, turnId } = await client.command('session/review', {
    sessionId,
    target: { type: 'commit', sha: 'HEAD' },
    delivery: 'detached',
  })
  expect(session).toMatchObject({ title: 'Review: hello', cwd: project })
  const reviewing = client.session(session.id)
  const reviewed = await stateWhere(reviewing, (state) => isIdle(state) && state.turns.length === 1)
  expect(reviewed.summary.title).toBe('Review: hello')
  expect(JSON.stringify(test.codex.model.requests.at(-1)?.body)).toContain('The first')
  expect(view.getSnapshot().state?.turns).toHaveLength(1)
  await expect(
    client.command('review/send', { sessionId, reviewSessionId: session.id, findings: ['f9'] }),
  ).rejects.toMatchObject({ data: { name: 'notFound', facts: { findings: ['f1', 'f2'] } } })
  const sent = await client.command('review/send', {
    sessionId,
    reviewSessionId: session.id,
    turnId,
    findings: ['f1'],
    note: 'Only this one.',
  })
  expect(sent).toMatchObject({
    taken: 'started',
    prompt: `Only this one.

Address these findings of a code review:

1. [P1] Do not add two (a.txt:2)
   Because it breaks.
   In two lines.`,
  })
  const state = await stateWhere(view, (each) => isIdle(each) && each.turns.length === 2)
  expect(said(state)).toEqual(['heard: hello', `heard: ${sent.prompt}`])
  await test.restart()
  client = test.client('laptop')
  const relations = async (id: string) => (await client.request('session/get', { sessionId: id })).relations
  const { threadId, title } = state.summary
  expect(await relations(session.id)).toMatchObject({ reviewOf: { sessionId, threadId, title }, reviews: [] })
  expect(await relations(sessionId)).toMatchObject({
    reviewOf: null,
    reviews: [{ sessionId: session.id, threadId: session.threadId, title: 'Review: hello' }],
  })
})

it('[RVW6] a review is interrupted as any turn', async () => {
  const { sessionId, view } = await begin()
  tap = Promise.withResolvers<void>()
  const { turnId } = await client.command('session/review', {
    sessionId,
    target: { type: 'custom', instructions: 'wait for it' },
  })
  await stateWhere(view, ({ items }) => items.some(({ type }) => type === 'enteredReviewMode'))
  while (!test.codex.model.requests.at(-1)?.lastUserText.startsWith('wait')) {
    await new Promise((resolve) => setImmediate(resolve))
  }
  await client.command('session/interrupt', { sessionId, turnId })
  const state = await stateWhere(view, (each) => isIdle(each) && each.turns.length === 2)
  expect(state.turns.at(-1)?.status).not.toBe('inProgress')
  tap.resolve()
  await client.command('session/send', { sessionId, input: text('and on') })
  const after = await stateWhere(view, (each) => isIdle(each) && each.turns.length === 3)
  expect(said(after).at(-1)).toBe('heard: and on')
})

it('[RVW5] the command line reviews, lists what was found, and sends it', async () => {
  const { sessionId } = await begin()
  const env = { CODEX_HUB_URL: test.hub.url, CODEX_HUB_TOKEN: test.hub.token }
  const cli = (...args: string[]) => startCli(test.folder, args, env)
  const reviewed = await cli('--json', 'review', sessionId, '--base', 'other')
  expect(JSON.parse(reviewed.stdout)).toMatchObject({ sessionId, findings: findings() })
  const listed = await cli('findings', sessionId)
  expect(listed.stdout).toContain('It breaks things.')
  expect(listed.stdout).toMatch(/f1 +P1 .*Do not add two +\S+a\.txt:2\n/)
  const sent = await cli('findings', sessionId, '--send', '--only', 'f2', '--watch')
  expect([sent.exitCode, sent.stdout]).toEqual([0, expect.stringContaining('1. [P3] Name it (a.txt:1-2)')])
  const nothing = await cli('review', sessionId)
  expect([nothing.exitCode, (await cli('review', sessionId, '-u', '-b', 'main')).exitCode]).toEqual([2, 2])
})
