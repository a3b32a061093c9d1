/** Files that come back with the turns that changed them, with the real Codex and real repositories. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { HubClient } from '../../src/client/client.ts'
import type { Script } from '../../src/demo/scripted-model.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { until } from '../harness/until.ts'
import { isIdle, stateWhere, text } from '../harness/watch.ts'

/** A prompt is a command for the shell. */
const script: Script = ({ lastUserText, afterTool, toolNames }) => {
  if (afterTool) return [{ say: 'Done.' }]
  const args = { cmd: lastUserText, command: ['bash', '-lc', lastUserText] }
  return [{ call: toolNames.includes('exec_command') ? 'exec_command' : 'shell', args }]
}

let test: TestHub
let client: HubClient
const folders: string[] = []

beforeAll(async () => {
  test = await makeHub({ script, config: { checkpoints: true } })
  client = test.client('laptop')
})
afterAll(async () => {
  await test.close()
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function makeRepository() {
  const folder = mkdtempSync(join(tmpdir(), 'repo-'))
  folders.push(folder)
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=u', '-c', 'user.email=u@u', ...args], {
      cwd: folder,
      encoding: 'utf8',
    })
  const write = (name: string, content: string): void => writeFileSync(join(folder, name), content)
  const read = (name: string): string | null =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : null
  git('init', '-q', '-b', 'main')
  write('.gitignore', 'ignored.txt\n')
  write('kept.txt', 'kept')
  write('changed.txt', 'before')
  write('removed.txt', 'was here')
  git('add', '-A')
  git('commit', '-q', '-m', 'first')
  // Somebody is in the middle of something: staged, stashed, untracked, ignored.
  write('kept.txt', 'stashed')
  git('stash', '-q')
  write('staged.txt', 'staged')
  git('add', 'staged.txt')
  write('untracked.txt', 'mine')
  write('ignored.txt', 'secret')
  mkdirSync(join(folder, '.git/hooks'), { recursive: true })
  for (const hook of ['post-index-change', 'reference-transaction', 'post-checkout', 'pre-commit'])
    writeFileSync(join(folder, '.git/hooks', hook), `#!/bin/sh\necho ${hook} >> "${folder}/.git/ran"\n`, {
      mode: 0o755,
    })
  const mine = () => ({
    head: git('rev-parse', 'HEAD'),
    branches: git('for-each-ref', 'refs/heads', 'refs/stash'),
    index: readFileSync(join(folder, '.git/index')).toString('base64'),
    hooks: read('.git/ran'),
  })
  const refs = (): string[] =>
    git('for-each-ref', '--format=%(refname)', 'refs/codex-hub').split('\n').filter(Boolean)
  return { folder, git, write, read, mine, refs }
}

async function begin(folder: string, ...commands: string[]) {
  const { session } = await client.command('session/create', {
    cwd: folder,
    settings: { sandbox: 'danger-full-access', approvalPolicy: 'never' },
  })
  const view = client.session(session.id)
  const run = async (command: string): Promise<void> => {
    const count = view.getSnapshot().state?.turns.length ?? 0
    await client.command('session/send', { sessionId: session.id, input: text(command) })
    await stateWhere(view, (state) => isIdle(state) && state.turns.length === count + 1)
  }
  for (const command of commands) await run(command)
  return { sessionId: session.id, view, run }
}

const untilEnded = (refs: () => string[], count: number) =>
  until(() => refs().filter((ref) => ref.endsWith('/end')).length === count)

it("[REV7] files of reverted turns come back, and nothing of the user's index, stash, HEAD or hooks is touched", async () => {
  const { folder, mine, read, refs } = makeRepository()
  const before = mine()
  const { sessionId, run } = await begin(folder, 'echo first > first.txt')
  await run(
    'echo after > changed.txt; rm removed.txt untracked.txt; mkdir -p new/deep; echo new > new/deep/file.txt; echo x > ignored.txt',
  )
  await run('echo again > changed.txt')
  await untilEnded(refs, 3)
  const { files, turnIds } = await client.command('session/revert', {
    sessionId,
    count: 2,
    restoreFiles: true,
  })
  expect(files).toEqual({
    state: 'restored',
    message: '4 files have their earlier content again.',
    paths: ['changed.txt', 'new/deep/file.txt', 'removed.txt', 'untracked.txt'],
    backup: expect.stringMatching(`^refs/codex-hub/${sessionId}/before-restore-`),
  })
  expect(turnIds).toHaveLength(2)
  const names = [
    'first.txt',
    'changed.txt',
    'removed.txt',
    'untracked.txt',
    'new',
    'kept.txt',
    'ignored.txt',
    'staged.txt',
  ]
  expect(names.map(read)).toEqual(['first\n', 'before', 'was here', 'mine', null, 'kept', 'x\n', 'staged'])
  expect(mine()).toEqual(before)
})

it('[REV8] newer edits of files the turns changed refuse all of it, and are named; other edits stay', async () => {
  const { folder, read, write, refs } = makeRepository()
  const { sessionId, view } = await begin(folder, 'echo agent > changed.txt; echo agent > made.txt')
  await untilEnded(refs, 1)
  write('changed.txt', 'edited by a person')
  write('kept.txt', 'edited too, and nobody else did')
  const revert = () => client.command('session/revert', { sessionId, count: 1, restoreFiles: true })
  await expect(revert()).rejects.toMatchObject({
    data: { name: 'notPossible', facts: { reason: 'newerEdits', paths: ['changed.txt'], total: 1 } },
  })
  expect([read('changed.txt'), read('made.txt')]).toEqual(['edited by a person', 'agent\n'])
  expect(view.getSnapshot().state?.turns).toHaveLength(1)
  write('changed.txt', 'agent\n')
  expect((await revert()).files.paths).toEqual(['changed.txt', 'made.txt'])
  expect(['changed.txt', 'made.txt', 'kept.txt'].map(read)).toEqual([
    'before',
    null,
    'edited too, and nobody else did',
  ])
})

it('[REV9] without checkpoints, or a repository, files cannot be restored, and nothing is reverted', async () => {
  const plain = mkdtempSync(join(tmpdir(), 'plain-'))
  folders.push(plain)
  const outside = await begin(plain, 'echo hi > hi.txt')
  const refused = (sessionId: string) =>
    client.command('session/revert', { sessionId, count: 1, restoreFiles: true }).catch((error) => error.data)
  expect(await refused(outside.sessionId)).toMatchObject({
    name: 'notPossible',
    facts: { reason: 'noRepository' },
  })
  const { folder, git, refs } = makeRepository()
  const inside = await begin(folder, 'echo hi > hi.txt')
  await untilEnded(refs, 1)
  for (const ref of refs()) git('update-ref', '-d', ref)
  const turnIds = inside.view.getSnapshot().state?.turns.map(({ id }) => id)
  expect(await refused(inside.sessionId)).toMatchObject({ facts: { reason: 'noCheckpoint', turnIds } })
  expect([outside, inside].map(({ view }) => view.getSnapshot().state?.turns.length)).toEqual([1, 1])
})

it('[REV10] checkpoints go with their session', async () => {
  const { folder, refs } = makeRepository()
  const { sessionId } = await begin(folder, 'echo hi > hi.txt')
  await untilEnded(refs, 1)
  expect(refs()).toHaveLength(2)
  await client.command('session/delete', { sessionId })
  await until(() => refs().length === 0)
})
