/** Git as a program: the one place it is started from, bounded in time. */
import { execa } from 'execa'

const TIMEOUT_MS = 3_000

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
  {
    timeoutMs = TIMEOUT_MS,
    input,
    env = {},
  }: { timeoutMs?: number; input?: string; env?: Readonly<Record<string, string>> } = {},
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
      ...env,
    },
  }).catch((error: unknown) => ({ stdout: '', stderr: String(error), failed: true, timedOut: false }))
  const complaint = timedOut ? `git ${args[0]} took longer than ${timeoutMs / 1000} s` : stderr.trim()
  return { isOk: !failed, stdout, complaint: complaint.slice(-2_000) }
}
