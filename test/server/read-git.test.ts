/** Reads real repositories made by the real git, and says of each what git itself says. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Git } from '../../src/protocol/summary.ts'
import { readGit } from '../../src/server/read-git.ts'

let root = ''
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'git-')))
})
afterEach(() => rmSync(root, { recursive: true }))

const ENV = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  ...Object.fromEntries(
    ['AUTHOR', 'COMMITTER'].flatMap((who) => [
      [`GIT_${who}_NAME`, 'Ada'],
      [`GIT_${who}_EMAIL`, 'ada@example.org'],
    ]),
  ),
}
const git = (folder: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'protocol.file.allow=always', ...args], {
    cwd: folder,
    env: ENV,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim()

/** Null where git fails. */
const said = (folder: string, ...args: string[]): string | null => {
  try {
    return git(folder, ...args)
  } catch {
    return null
  }
}

const asGitSays = (folder: string): Git => ({
  branch: said(folder, 'symbolic-ref', '--short', 'HEAD'),
  sha: said(folder, 'rev-parse', '--verify', '--quiet', 'HEAD'),
  root: git(folder, 'rev-parse', '--show-toplevel'),
  repository: said(folder, 'config', '--get', 'remote.origin.url'),
})

function makeRepository(name: string, ...more: string[]): string {
  const folder = join(root, name)
  mkdirSync(folder)
  git(folder, 'init', '--initial-branch=main', ...more)
  return folder
}

function commit(folder: string, text: string): void {
  writeFileSync(join(folder, 'a.txt'), text)
  git(folder, 'add', '.')
  git(folder, 'commit', '-m', text)
}

it('[SES21] a repository is described as git does: branch, commit, remote and top folder', async () => {
  const folder = makeRepository('shop')
  expect(await readGit(folder)).toEqual({ ...asGitSays(folder), branch: 'main', sha: null })
  commit(folder, 'one')
  git(folder, 'remote', 'add', 'upstream', 'https://example.org/other.git')
  git(folder, 'remote', 'add', 'origin', 'https://example.org/shop.git')
  git(folder, 'checkout', '-b', 'feature/cart')
  commit(folder, 'two')
  expect(await readGit(folder)).toEqual({
    ...asGitSays(folder),
    branch: 'feature/cart',
    repository: 'https://example.org/shop.git',
  })
  const inside = join(folder, 'src', 'deep')
  mkdirSync(inside, { recursive: true })
  expect(await readGit(inside)).toEqual(asGitSays(folder))
  git(folder, 'pack-refs', '--all')
  expect(await readGit(folder)).toEqual(asGitSays(folder))
  git(folder, 'checkout', '--detach', 'main')
  expect(await readGit(folder)).toEqual({ ...asGitSays(folder), branch: null })
})

it('[SES21] linked work trees, submodules and refs that are no files are described as git does', async () => {
  const folder = makeRepository('shop')
  commit(folder, 'one')
  const tree = join(root, 'tree')
  git(folder, 'worktree', 'add', '-b', 'beside', tree)
  expect(await readGit(tree)).toEqual({ ...asGitSays(tree), branch: 'beside', root: tree })
  const outer = makeRepository('outer')
  git(outer, 'submodule', 'add', folder, 'inner')
  const inner = join(outer, 'inner')
  expect(await readGit(inner)).toEqual({ ...asGitSays(inner), root: inner, repository: folder })
  if (said(root, 'init', '--ref-format=reftable', 'tables') === null) return
  const tables = join(root, 'tables')
  commit(tables, 'one')
  expect(await readGit(tables)).toEqual(asGitSays(tables))
})

it('[SES21] a remote loses its user and secret; where there is no repository nothing is said', async () => {
  const folder = makeRepository('shop')
  git(folder, 'remote', 'add', 'origin', 'https://ada:secret@example.org/shop.git')
  expect((await readGit(folder))?.repository).toBe('https://example.org/shop.git')
  expect(await readGit(root)).toBeNull()
  expect(await readGit(join(root, 'missing'))).toBeNull()
})
