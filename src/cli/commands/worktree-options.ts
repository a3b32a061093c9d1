/** The options that put a session into a new git work tree. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { MadeWorktree, WorktreeRequest } from '../../protocol/worktree.ts'
import { paint, safe } from '../text.ts'

export interface WorktreeOptions {
  readonly worktree?: boolean
  readonly newBranch?: string
  readonly branch?: string
  readonly from?: string
  readonly at?: string
}

export function withWorktree(command: Command): Command {
  return command
    .option('-W, --worktree', 'in a new git work tree, on a new branch')
    .option('--new-branch <name>', 'the new branch of the work tree (default: after the session)')
    .option('--branch <name>', 'a branch that exists, for the work tree')
    .option('--from <commit>', 'what the new branch starts from (default: what is checked out)')
    .option('--at <folder>', 'where the work tree is made (default: <repository>.worktrees/<branch>)')
}

/** Undefined where none of the options was given. */
export function worktreeOf(options: WorktreeOptions): WorktreeRequest | undefined {
  const { worktree, newBranch, branch, from, at } = options
  if (!worktree && [newBranch, branch, from, at].every((option) => option === undefined)) return undefined
  return {
    ...(newBranch === undefined ? {} : { newBranch }),
    ...(branch === undefined ? {} : { branch }),
    ...(from === undefined ? {} : { from }),
    ...(at === undefined ? {} : { path: resolve(at) }),
  }
}

/** What was made, for a person; on standard error, so that a program still reads the id alone. */
export function tellWorktree(worktree: MadeWorktree | null): void {
  if (worktree === null || !process.stderr.isTTY) return
  console.error(paint('dim', madeText(worktree)))
}

export function madeText({ path, branch, included }: MadeWorktree): string {
  const copied = included.files === 0 ? '' : `, ${included.files} ignored files copied`
  const failed = included.failed.length === 0 ? '' : `, not copied: ${included.failed.join(', ')}`
  return safe(`${path} on ${branch}${copied}${failed}`)
}
