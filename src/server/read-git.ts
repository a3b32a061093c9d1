/**
 * What git would say about a folder: branch, commit, remote, top folder. Read from the repository's own files: starting
 * git stops this thread for as long as the system takes to fork a process of the hub's size, for every session anew.
 * Never an error.
 */
import { readFile, realpath } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Git } from '../protocol/summary.ts'
import { runGit } from './git.ts'
import type { Session } from './session/session.ts'

interface Repository {
  /** Top folder of the work tree. */
  readonly root: string
  /** Of this work tree. */
  readonly gitFolder: string
  /** Of all its work trees: branches and configuration. */
  readonly commonFolder: string
  readonly head: string
}

/** Look at a session's work tree; what git says arrives as a change of its summary. */
export function lookAtGit({ record }: Session): void {
  void readGit(record.summary.cwd).then((git) => {
    if (git) record.patchSummary({ git })
  })
}

/** Null where there is no repository. */
export async function readGit(cwd: string): Promise<Git | null> {
  const repository = await findRepository(cwd)
  if (!repository) return null
  const { root, commonFolder, head } = repository
  const url = originUrl((await readText(join(commonFolder, 'config'))) ?? '')
  const facts = { root, repository: withoutCredentials(url) }
  const ref = /^ref: (.+)$/.exec(head)?.[1]
  if (ref === undefined) return { branch: null, sha: head, ...facts }
  // Refs that are no files (reftable) stand behind a name that nobody has.
  if (ref === 'refs/heads/.invalid') return { ...(await askGit(root)), ...facts }
  return { branch: ref.replace(/^refs\/heads\//, ''), sha: await readRef(repository, ref), ...facts }
}

async function findRepository(cwd: string): Promise<Repository | null> {
  let folder = await realpath(cwd).catch(() => null)
  while (folder !== null) {
    const gitFolder = await gitFolderOf(folder)
    const head = await readText(join(gitFolder, 'HEAD'))
    if (head !== null) {
      const common = await readText(join(gitFolder, 'commondir'))
      const commonFolder = common === null ? gitFolder : resolve(gitFolder, common)
      return { root: folder, gitFolder, commonFolder, head }
    }
    const parent: string = dirname(folder)
    folder = parent === folder ? null : parent
  }
  return null
}

/** In linked work trees and submodules `.git` is a file that says where. */
async function gitFolderOf(folder: string): Promise<string> {
  const path = join(folder, '.git')
  const named = /^gitdir: (.+)$/.exec((await readText(path)) ?? '')?.[1]
  return named === undefined ? path : resolve(folder, named)
}

/** Null before the first commit. */
async function readRef({ gitFolder, commonFolder }: Repository, ref: string): Promise<string | null> {
  const loose = (await readText(join(gitFolder, ref))) ?? (await readText(join(commonFolder, ref)))
  if (loose !== null) return loose
  const packed = (await readText(join(commonFolder, 'packed-refs'))) ?? ''
  const line = packed.split('\n').find((each) => each.endsWith(` ${ref}`))
  return line?.split(' ')[0] ?? null
}

/** The last `url` of `[remote "origin"]`. */
function originUrl(config: string): string | null {
  let isOrigin = false
  let url: string | null = null
  for (const line of config.split('\n')) {
    if (/^\s*\[/.test(line)) isOrigin = /^\s*\[\s*remote\s+"origin"\s*\]/i.test(line)
    const value = isOrigin ? /^\s*url\s*=\s*("?)(.*?)\1\s*$/i.exec(line)?.[2] : undefined
    if (value !== undefined) url = value
  }
  return url
}

async function readText(path: string): Promise<string | null> {
  return readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => null,
  )
}

async function askGit(cwd: string): Promise<{ branch: string | null; sha: string | null }> {
  const [branch, sha] = await Promise.all([
    runGit(cwd, ['symbolic-ref', '--short', '--quiet', 'HEAD']),
    runGit(cwd, ['rev-parse', '--verify', '--quiet', 'HEAD']),
  ])
  return { branch: branch.stdout.trim() || null, sha: sha.stdout.trim() || null }
}

/** `https://user:secret@host/…` loses its user and secret; other forms have none. */
function withoutCredentials(url: string | null): string | null {
  return url === null || url === '' ? null : url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1')
}
