/** What git says of a repository and its work trees. It reads; nothing is changed from here. */
import { dirname } from 'node:path'
import { HubError } from '../../protocol/errors.ts'
import { runGit } from '../git.ts'

/** A linked or the main work tree, as `git worktree list` tells. */
export interface ListedWorktree {
  readonly path: string
  readonly branch: string | null
  readonly sha: string | null
  readonly isMain: boolean
  readonly isLocked: boolean
  readonly isMissing: boolean
}

export interface Repository {
  /** Top folder of the work tree the folder is in. */
  readonly top: string
  /** The folder below it; empty for the top itself. */
  readonly prefix: string
  /** Top folder of the first work tree: what the repository is called after, and what all its work trees share. */
  readonly main: string
}

/** @throws HubError `notPossible` with the reason `notARepository` */
export async function findRepository(cwd: string): Promise<Repository> {
  const answer = await runGit(cwd, ['rev-parse', '--show-toplevel', '--show-prefix'])
  const [top, prefix = ''] = answer.stdout.split('\n')
  if (!answer.isOk || !top) {
    throw new HubError('notPossible', `${cwd} is in no git repository that has a work tree.`, {
      reason: 'notARepository',
      cwd,
    })
  }
  const [first] = await listWorktrees(top)
  return { top, prefix: prefix.replace(/\/$/, ''), main: first?.path ?? top }
}

/** All work trees of a repository, the main one first. */
export async function listWorktrees(top: string): Promise<ListedWorktree[]> {
  const { stdout } = await runGit(top, ['worktree', 'list', '--porcelain', '-z'])
  return stdout
    .split('\0\0')
    .filter((entry) => entry !== '')
    .map((entry, index) => readEntry(entry.split('\0'), index === 0))
}

function readEntry(lines: readonly string[], isFirst: boolean): ListedWorktree {
  const textOf = (name: string) => lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1)
  const has = (name: string) => lines.some((line) => line === name || line.startsWith(`${name} `))
  const path = textOf('worktree') ?? ''
  return {
    // Of a repository without a work tree of its own git names the folder of its data.
    path: isFirst && path.endsWith('/.git') ? dirname(path) : path,
    branch: textOf('branch')?.replace(/^refs\/heads\//, '') ?? null,
    sha: textOf('HEAD') ?? null,
    isMain: isFirst,
    isLocked: has('locked'),
    isMissing: has('prunable'),
  }
}

/** The full id of a commit, in whatever words it was named; null where there is none. */
export async function commitOf(top: string, name: string): Promise<string | null> {
  const { isOk, stdout } = await runGit(top, [
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${name}^{commit}`,
  ])
  return isOk ? stdout.trim() : null
}

export function branchCommit(top: string, branch: string): Promise<string | null> {
  return commitOf(top, `refs/heads/${branch}`)
}

export async function isBranchName(top: string, name: string): Promise<boolean> {
  return !name.startsWith('-') && (await runGit(top, ['check-ref-format', '--branch', name])).isOk
}

/** Files with changes that are not committed, ignored ones left out; null where git does not tell. */
export async function changedFiles(path: string): Promise<string[] | null> {
  const { isOk, stdout } = await runGit(
    path,
    ['--no-optional-locks', 'status', '--porcelain', '-z', '--untracked-files=all'],
    {
      timeoutMs: 20_000,
    },
  )
  if (!isOk) return null
  const files: string[] = []
  const entries = stdout.split('\0')
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index]
    if (!entry) continue
    files.push(entry.slice(3))
    // A rename names where it came from in an entry of its own.
    if (/^[RC]/.test(entry)) index += 1
  }
  return files
}

/** Whether a branch or tag has the commit: it is lost otherwise when nothing has it checked out. */
export async function isReachable(top: string, sha: string): Promise<boolean> {
  const { isOk, stdout } = await runGit(top, ['for-each-ref', '--count=1', `--contains=${sha}`])
  return isOk && stdout.trim() !== ''
}
