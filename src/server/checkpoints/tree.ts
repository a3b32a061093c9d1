/**
 * All files of a work tree as a tree object of git, and back. **Invariant:** the user's index, HEAD, stash, branches and
 * hooks are never touched: everything happens in an index of our own, outside of the repository.
 */
import { copyFile, mkdtemp, rm, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { runGit } from '../git.ts'

/** No hook runs, no daemon is asked or started, and nothing is signed. */
const QUIET = ['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false', '-c', 'gc.auto=0']
const ADVICE = ['-c', 'advice.addEmbeddedRepo=false', '-c', 'core.safecrlf=false']
const QUICK_MS = 5_000
const WRITE_MS = 60_000
const IDENTITY = {
  GIT_AUTHOR_NAME: 'codex-hub',
  GIT_AUTHOR_EMAIL: 'codex-hub@localhost',
  GIT_COMMITTER_NAME: 'codex-hub',
  GIT_COMMITTER_EMAIL: 'codex-hub@localhost',
}

/** Git did not do it, or not in time; the sentence says what. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError'
}

/** What became of a file from one tree to another. */
export interface FileChange {
  readonly path: string
  /** `A`: only in the second. `D`: only in the first. */
  readonly status: string
}

/** Top folder of the work tree; null where there is none. */
export async function topOf(cwd: string): Promise<string | null> {
  const { isOk, stdout } = await runGit(cwd, ['rev-parse', '--show-toplevel'])
  return isOk ? stdout.replace(/\n$/, '') : null
}

/** Everything but what is ignored, as it is now, with untracked files. @throws CheckpointError */
export function writeTree(top: string, timeoutMs: number): Promise<string> {
  return withIndex(async (index) => {
    const own = resolve(top, (await git(top, ['rev-parse', '--git-path', 'index'])).trim())
    // It knows which files did not change, so that only the others are read.
    await copyFile(own, index).catch(() => {})
    const env = { GIT_INDEX_FILE: index }
    await git(top, [...ADVICE, 'add', '--all', '--', '.'], { env, timeoutMs })
    return (await git(top, ['write-tree'], { env })).trim()
  })
}

/** A commit without a parent: it makes nothing reachable but its files. @throws CheckpointError */
export async function commitTree(top: string, tree: string, message: string): Promise<string> {
  return (await git(top, ['commit-tree', '--no-gpg-sign', '-m', message, tree], { env: IDENTITY })).trim()
}

/** Which files differ, from the top of the work tree. @throws CheckpointError */
export async function changesBetween(top: string, from: string, to: string): Promise<FileChange[]> {
  const listed = await git(top, ['diff-tree', '-r', '-z', '--no-renames', '--name-status', from, to])
  const fields = listed.split('\0')
  const changes: FileChange[] = []
  for (let at = 0; at + 1 < fields.length; at += 2)
    changes.push({ status: fields[at] ?? '', path: fields[at + 1] ?? '' })
  return changes
}

/** Give these files the content they have in a tree; what is not in it is removed. @throws CheckpointError */
export async function restoreFiles(top: string, tree: string, changes: readonly FileChange[]): Promise<void> {
  const written = changes.filter(({ status }) => status !== 'A').map(({ path }) => path)
  const removed = changes.filter(({ status }) => status === 'A').map(({ path }) => path)
  for (const path of removed) {
    await rm(join(top, path), { force: true })
    await removeEmpty(top, dirname(join(top, path)))
  }
  if (written.length === 0) return
  await withIndex(async (index) => {
    const env = { GIT_INDEX_FILE: index }
    await git(top, ['read-tree', tree], { env, timeoutMs: WRITE_MS })
    const input = written.map((path) => `${path}\0`).join('')
    await git(top, ['checkout-index', '--force', '-z', '--stdin'], { env, input, timeoutMs: WRITE_MS })
  })
}

/** Run git in the work tree. @returns what it printed. @throws CheckpointError */
export async function git(
  top: string,
  args: readonly string[],
  { timeoutMs = QUICK_MS, ...options }: Parameters<typeof runGit>[2] = {},
): Promise<string> {
  const { isOk, stdout, complaint } = await runGit(top, [...QUIET, ...args], { timeoutMs, ...options })
  if (isOk) return stdout
  throw new CheckpointError(complaint || `git ${args[0]} failed.`)
}

async function withIndex<T>(run: (index: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'codex-hub-index-'))
  try {
    return await run(join(folder, 'index'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Folders that held nothing else. */
async function removeEmpty(top: string, folder: string): Promise<void> {
  if (folder === top || !folder.startsWith(top)) return
  const isGone = await rmdir(folder).then(
    () => true,
    () => false,
  )
  if (isGone) await removeEmpty(top, dirname(folder))
}
