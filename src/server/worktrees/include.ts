/**
 * Ignored files a new work tree needs (`.env`, local settings): what `.worktreeinclude` at the top of the repository
 * names, in gitignore's own syntax and by git's own reading of it. Tracked files and what is not ignored are never
 * copied, nothing is overwritten, and links are copied as links.
 */
import { constants } from 'node:fs'
import { copyFile, lstat, mkdir, readlink, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { MadeWorktree } from '../../protocol/worktree.ts'
import { runGit } from '../git.ts'

const INCLUDE_FILE = '.worktreeinclude'
const LIST_MS = 60_000

export async function copyIncluded(from: string, to: string): Promise<MadeWorktree['included']> {
  let files = 0
  let bytes = 0
  const failed: string[] = []
  for (const file of await includedFiles(from)) {
    try {
      bytes += await copy(join(from, file), join(to, file))
      files += 1
    } catch {
      failed.push(file)
    }
  }
  return { files, bytes, failed }
}

/** Relative to the top. Empty where there is no such file. */
async function includedFiles(top: string): Promise<string[]> {
  const patterns = join(top, INCLUDE_FILE)
  if (!(await lstat(patterns).catch(() => null))) return []
  // Two questions, so that both are answered by git: what the patterns name, and what of that is ignored.
  const named = await runGit(top, ['ls-files', '--others', '--ignored', '-z', `--exclude-from=${patterns}`], {
    timeoutMs: LIST_MS,
  })
  if (!named.isOk || named.stdout === '') return []
  const ignored = await runGit(top, ['check-ignore', '-z', '--stdin'], {
    timeoutMs: LIST_MS,
    input: named.stdout,
  })
  return ignored.stdout.split('\0').filter((file) => file !== '')
}

/** @returns how many bytes. @throws the system's error, also where something is there already */
async function copy(from: string, to: string): Promise<number> {
  const entry = await lstat(from)
  await mkdir(dirname(to), { recursive: true })
  if (entry.isSymbolicLink()) {
    await symlink(await readlink(from), to)
    return 0
  }
  if (!entry.isFile()) throw new Error(`${from} is neither a file nor a link`)
  await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  return entry.size
}
