/** Work trees on real repositories, without a hub: what is made, what is refused, and that nothing else is touched. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, it, onTestFinished } from 'vitest'
import { HubError } from '../../src/protocol/errors.ts'
import { wordsOf } from '../../src/server/worktrees/words.ts'
import { Worktrees } from '../../src/server/worktrees/worktrees.ts'

async function makeRepository() {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'wtr-')))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const top = join(root, 'project')
  mkdirSync(join(top, 'sub'), { recursive: true })
  const git = async (...args: string[]) => (await execa('git', args, { cwd: top })).stdout
  await git('init', '-q', '-b', 'main')
  await git('config', 'user.email', 'test@example.com')
  await git('config', 'user.name', 'test')
  writeFileSync(join(top, 'a.txt'), 'one\n')
  writeFileSync(join(top, 'sub', 'b.txt'), 'b\n')
  writeFileSync(join(top, '.gitignore'), '.env*\nnode_modules/\n*.local\n')
  await git('add', '.')
  await git('commit', '-qm', 'one')
  /** Everything that must stay as it is while others are made beside it. */
  const state = async () => ({
    head: readFileSync(join(top, '.git', 'HEAD'), 'utf8'),
    index: readFileSync(join(top, '.git', 'index')).toString('base64'),
    stash: await git('stash', 'list'),
    status: await git('--no-optional-locks', 'status', '--porcelain'),
    branches: await git('branch', '--format=%(refname:short) %(objectname)'),
    worktrees: await git('worktree', 'list', '--porcelain'),
  })
  return { root, top, git, state }
}

const refusalOf = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => null,
    (cause: unknown) => cause,
  )
  return error instanceof HubError ? [error.data.name, error.data.facts.reason] : error
}

it('[WTR1] a work tree is made beside the repository, on a branch with a readable name, and nothing else changes', async () => {
  const { root, top, git, state } = await makeRepository()
  writeFileSync(join(top, 'a.txt'), 'two\n')
  await git('stash')
  writeFileSync(join(top, 'a.txt'), 'three\n')
  await git('add', 'a.txt')
  writeFileSync(join(top, 'a.txt'), 'four\n')
  const { head, index, stash, status } = await state()
  const worktrees = new Worktrees(null)
  const made = await worktrees.make(join(top, 'sub'), {}, 'Fix the flaky tests, please!')
  const path = join(root, 'project.worktrees', 'fix-the-flaky-tests-please')
  expect([made.worktree, made.cwd]).toEqual([
    {
      path,
      branch: 'codex/fix-the-flaky-tests-please',
      sha: await git('rev-parse', 'HEAD'),
      included: { files: 0, bytes: 0, failed: [] },
    },
    join(path, 'sub'),
  ])
  // What is not committed stays where it is.
  expect(readFileSync(join(path, 'a.txt'), 'utf8')).toBe('one\n')
  expect(await state()).toMatchObject({ head, index, stash, status })
  const again = await worktrees.make(top, {}, 'Fix the flaky tests, please!')
  expect(again.worktree.branch).toBe('codex/fix-the-flaky-tests-please-2')
  expect(await worktrees.list(path)).toMatchObject([
    { path: top, branch: 'main', isMain: true, changes: 1 },
    { path, isMain: false, isLocked: false, isMissing: false, changes: 0 },
    { path: again.worktree.path },
  ])
})

it('[WTR2] a branch and a place are taken as they are named, also in a configured folder', async () => {
  const { root, top, git } = await makeRepository()
  await git('branch', 'topic/one')
  const worktrees = new Worktrees(join(root, 'all'))
  const first = await worktrees.make(top, { branch: 'topic/one' }, '')
  expect(first.worktree).toMatchObject({
    path: join(root, 'all', 'project', 'topic-one'),
    branch: 'topic/one',
  })
  const place = join(root, 'elsewhere', 'deep')
  const second = await worktrees.make(top, { newBranch: 'own', from: 'topic/one', path: place }, '')
  expect(second.worktree).toMatchObject({ path: place, branch: 'own' })
  expect(await git('-C', place, 'rev-parse', '--abbrev-ref', 'HEAD')).toBe('own')
})

it('[WTR3] what cannot be made is refused with its reason, and leaves nothing behind', async () => {
  const { root, top, git, state } = await makeRepository()
  await git('branch', 'taken')
  const worktrees = new Worktrees(null)
  await worktrees.make(top, { branch: 'taken' }, '')
  mkdirSync(join(root, 'there'))
  writeFileSync(join(root, 'there', 'mine'), 'mine')
  // Git refuses this one only when it has begun.
  await git('config', 'core.hooksPath', join(root, 'hooks'))
  mkdirSync(join(root, 'hooks'))
  const before = await state()
  const cases: [object, string, string | undefined][] = [
    [{ branch: 'none' }, 'notPossible', 'branchMissing'],
    [{ branch: 'taken' }, 'notPossible', 'branchCheckedOut'],
    [{ branch: 'main' }, 'notPossible', 'branchCheckedOut'],
    [{ newBranch: 'taken' }, 'notPossible', 'branchExists'],
    [{ newBranch: '--detach' }, 'invalidParams', undefined],
    [{ newBranch: 'a..b' }, 'invalidParams', undefined],
    [{ from: '--all' }, 'notPossible', 'commitMissing'],
    [{ path: join(root, 'there') }, 'notPossible', 'pathTaken'],
    [{ path: 'relative' }, 'invalidPath', undefined],
    [{ path: join(top, 'a.txt', 'below') }, 'invalidPath', undefined],
  ]
  for (const [request, name, reason] of cases) {
    expect([request, await refusalOf(worktrees.make(top, request, 'x'))]).toEqual([request, [name, reason]])
  }
  writeFileSync(join(root, 'hooks', 'post-checkout'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
  expect(await refusalOf(worktrees.make(top, { path: join(root, 'new', 'deep') }, 'hooked'))).toEqual([
    'notPossible',
    'gitRefused',
  ])
  expect(await state()).toEqual(before)
  expect([existsSync(join(root, 'new')), readFileSync(join(root, 'there', 'mine'), 'utf8')]).toEqual([
    false,
    'mine',
  ])
  expect(await refusalOf(worktrees.make(root, {}, 'x'))).toEqual(['notPossible', 'notARepository'])
  await execa('git', ['init', '-q'], { cwd: join(root, 'there') })
  expect(await refusalOf(worktrees.make(join(root, 'there'), {}, 'x'))).toEqual(['notPossible', 'noCommit'])
})

it('[WTR4] ignored files that .worktreeinclude names come along, by the rules of gitignore; no others', async () => {
  const { top } = await makeRepository()
  writeFileSync(
    join(top, '.worktreeinclude'),
    '.env*\n!.env.secret\nnode_modules/keep/\nsub/*.local\nplain.txt\n',
  )
  writeFileSync(join(top, '.env'), 'A=1')
  writeFileSync(join(top, '.env.secret'), 'no')
  writeFileSync(join(top, 'sub', 'x.local'), 'x')
  writeFileSync(join(top, 'other.local'), 'no')
  writeFileSync(join(top, 'plain.txt'), 'untracked, but not ignored')
  mkdirSync(join(top, 'node_modules', 'keep', 'deep'), { recursive: true })
  writeFileSync(join(top, 'node_modules', 'keep', 'deep', 'f'), 'f')
  mkdirSync(join(top, 'node_modules', 'not'))
  writeFileSync(join(top, 'node_modules', 'not', 'g'), 'g')
  symlinkSync('deep/f', join(top, 'node_modules', 'keep', 'link'))
  const { worktree } = await new Worktrees(null).make(top, {}, 'with files')
  expect(worktree.included).toEqual({ files: 4, bytes: 5, failed: [] })
  const at = (...names: string[]) => join(worktree.path, ...names)
  expect(readFileSync(at('.env'), 'utf8')).toBe('A=1')
  expect(readFileSync(at('sub', 'x.local'), 'utf8')).toBe('x')
  expect(readlinkSync(at('node_modules', 'keep', 'link'))).toBe('deep/f')
  const absent = ['.env.secret', 'other.local', 'plain.txt', join('node_modules', 'not')]
  expect(absent.filter((name) => existsSync(at(name)))).toEqual([])
})

it('[WTR5] removing is refused with changes, commits without a branch, and for the repository itself; forced it is done, and the branch stays', async () => {
  const { root, top, git, state } = await makeRepository()
  const worktrees = new Worktrees(null)
  const { worktree } = await worktrees.make(top, {}, 'work')
  const { path } = worktree
  writeFileSync(join(path, 'new.txt'), 'mine')
  const before = await state()
  const error = await worktrees.remove(path, null, false).catch((cause: HubError) => cause)
  expect((error as HubError).data).toMatchObject({
    name: 'notPossible',
    facts: { reason: 'uncommittedChanges', changes: 1, files: ['new.txt'] },
  })
  expect(await refusalOf(worktrees.remove(join(path, 'sub'), null, true))).toEqual(['notFound', undefined])
  expect(await refusalOf(worktrees.remove(top, null, true))).toEqual(['notPossible', 'mainWorktree'])
  expect(await refusalOf(worktrees.remove(join(root, 'none'), top, true))).toEqual(['notFound', undefined])
  expect(await state()).toEqual(before)
  await worktrees.remove(path, null, true)
  expect([existsSync(path), await git('rev-parse', '--verify', 'codex/work')]).toEqual([false, worktree.sha])
  const detached = join(root, 'detached')
  await git('worktree', 'add', '-q', '--detach', detached)
  await git('-C', detached, 'commit', '-q', '--allow-empty', '-m', 'only here')
  expect(await refusalOf(worktrees.remove(detached, null, false))).toEqual([
    'notPossible',
    'commitsWithoutBranch',
  ])
  rmSync(detached, { recursive: true })
  expect((await worktrees.list(top)).find((each) => each.path === detached)).toMatchObject({
    isMissing: true,
  })
  await worktrees.remove(detached, top, false)
  expect(await worktrees.list(top)).toHaveLength(1)
})

it('[WTR6] several at once in one repository each get their own', async () => {
  const { top } = await makeRepository()
  const worktrees = new Worktrees(null)
  const made = await Promise.all(Array.from({ length: 5 }, () => worktrees.make(top, {}, 'same')))
  expect(made.map(({ worktree }) => worktree.branch).toSorted()).toEqual([
    'codex/same',
    'codex/same-2',
    'codex/same-3',
    'codex/same-4',
    'codex/same-5',
  ])
})

it('[WTR7] names are made of what was written, short and plain', () => {
  expect(['Añadir: el Índice', '修复', '../../etc', 'x'.repeat(99), 'a-b  c'].map(wordsOf)).toEqual([
    'anadir-el-indice',
    'session',
    'etc',
    'x'.repeat(40),
    'a-b-c',
  ])
})
