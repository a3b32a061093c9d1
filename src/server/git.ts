/** Git as a program: the one place it is started from, bounded in time. Reading is never an error. */
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

export interface GitAnswer {
  readonly isOk: boolean
  readonly stdout: string
  /** What git said, for a person. */
  readonly complaint: string
}

/**
 * Run git in a folder. It asks nobody anything, and looks at no repository but that of the folder. Never throws: what
 * went wrong, a missing git and a timeout included, is in the answer.
 */
export async function runGit(
  cwd: string,
  args: readonly string[],
  { timeoutMs = TIMEOUT_MS, input }: { timeoutMs?: number; input?: string } = {},
): Promise<GitAnswer> {
  const { stdout, stderr, failed, timedOut } = await execa('git', args, {
    cwd,
    reject: false,
    timeout: timeoutMs,
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    stripFinalNewline: false,
    maxBuffer: { stdout: 64 * 1024 * 1024 },
    env: {
      GIT_TERMINAL_PROMPT: '0',
      LC_ALL: 'C',
      GIT_DIR: undefined,
      GIT_WORK_TREE: undefined,
      GIT_INDEX_FILE: undefined,
    },
  }).catch((error: unknown) => ({ stdout: '', stderr: String(error), failed: true, timedOut: false }))
  const complaint = timedOut ? `git ${args[0]} took longer than ${timeoutMs / 1000} s` : stderr.trim()
  return { isOk: !failed, stdout, complaint: complaint.slice(-2_000) }
}

/** `https://user:secret@host/…` loses its user and secret; other forms have none. */
export function withoutCredentials(url: string | null): string | null {
  return url === null || url === '' ? null : url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1')
}
