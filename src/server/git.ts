/** What git says about a folder: branch, commit, remote, top folder. Bounded in time; never an error. */
import { execa } from 'execa'
import type { Git } from '../protocol/summary.ts'

const TIMEOUT_MS = 3_000

/** Null where there is no git, no repository, or no answer in time. */
export async function readGit(cwd: string): Promise<Git | null> {
  const [head, remote] = await Promise.all([
    git(cwd, ['rev-parse', '--show-toplevel', '--abbrev-ref', 'HEAD']),
    git(cwd, ['config', '--get', 'remote.origin.url']),
  ])
  if (head === null) {
    // A repository without a commit has no HEAD to name.
    const root = await git(cwd, ['rev-parse', '--show-toplevel'])
    return root === null ? null : { branch: null, sha: null, root, repository: withoutCredentials(remote) }
  }
  const [root = null, branch = null] = head.split('\n')
  const sha = await git(cwd, ['rev-parse', 'HEAD'])
  return { branch: branch === 'HEAD' ? null : branch, sha, root, repository: withoutCredentials(remote) }
}

async function git(cwd: string, args: string[]): Promise<string | null> {
  const { stdout, failed } = await execa('git', args, {
    cwd,
    reject: false,
    timeout: TIMEOUT_MS,
    stdin: 'ignore',
    env: { GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' },
  }).catch(() => ({ stdout: '', failed: true }))
  return failed ? null : stdout.trim()
}

/** `https://user:secret@host/…` loses its user and secret; other forms have none. */
export function withoutCredentials(url: string | null): string | null {
  return url === null || url === '' ? null : url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1')
}
