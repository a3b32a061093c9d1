/** `codex-hub worktree`: the git work trees of a folder's repository. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Worktree } from '../../protocol/worktree.ts'
import type { Run } from '../run.ts'
import { paint, safe, table } from '../text.ts'
import { madeText, type WorktreeOptions, worktreeOf } from './worktree-options.ts'

interface FolderOption {
  readonly cwd?: string
}

export function addWorktree(program: Command, run: Run): void {
  const worktree = program
    .command('worktree')
    .description('git work trees: list, make and remove them')
    .addHelpText(
      'after',
      '\nExamples:\n  codex-hub worktree list\n  codex-hub new "Try it the other way" --worktree',
    )
  worktree
    .command('list')
    .description('those of the repository, with the sessions in them')
    .option('-C, --cwd <folder>', 'a folder of the repository (default: this one)')
    .addHelpText('after', '\nExample:\n  codex-hub worktree list')
    .action(
      run(async (context, { cwd = '.' }: FolderOption) => {
        const hub = await context.hub()
        const { worktrees } = await hub.request('worktree/list', { cwd: resolve(cwd) })
        context.print(worktrees, () => listText(worktrees))
      }),
    )
  worktree
    .command('create')
    .description('make one, without a session; .worktreeinclude says which ignored files come along')
    .option('-C, --cwd <folder>', 'a folder of the repository (default: this one)')
    .option('--new-branch <name>', 'its new branch (default: a name is made)')
    .option('--branch <name>', 'a branch that exists')
    .option('--from <commit>', 'what the new branch starts from (default: what is checked out)')
    .option('--at <folder>', 'where (default: <repository>.worktrees/<branch>)')
    .addHelpText('after', '\nExample:\n  codex-hub worktree create --new-branch try-it --from main')
    .action(
      run(async (context, { cwd = '.', ...options }: FolderOption & WorktreeOptions) => {
        const request = worktreeOf({ ...options, worktree: true }) ?? {}
        const made = await context.command('worktree/create', { cwd: resolve(cwd), worktree: request })
        context.print(made.worktree, () => madeText(made.worktree))
      }),
    )
  worktree
    .command('remove <folder>')
    .description('remove one; its branch stays')
    .option('-C, --cwd <folder>', 'a folder of the repository, where its own is gone (default: this one)')
    .option('-f, --force', 'also with changes that are not committed, which are lost')
    .addHelpText('after', '\nExample:\n  codex-hub worktree remove ../project.worktrees/try-it')
    .action(
      run(async (context, options: FolderOption & { force?: boolean }, folder: string) => {
        const { cwd = '.', force = false } = options
        const removed = await context.command('worktree/remove', {
          path: resolve(folder),
          cwd: resolve(cwd),
          force,
        })
        const { path, branch } = removed
        const kept = branch === null ? '' : `; the branch ${branch} stays`
        context.print(removed, () => safe(`${path} is removed${kept}.`))
      }),
    )
}

function listText(worktrees: readonly Worktree[]): string {
  const rows = worktrees.map((each) => [
    safe(each.branch ?? each.sha?.slice(0, 8) ?? ''),
    stateOf(each),
    String(each.sessions.length),
    safe(each.path),
  ])
  return table([['BRANCH', 'STATE', 'SESSIONS', 'FOLDER'].map((head) => paint('bold', head)), ...rows])
}

function stateOf({ isMain, isMissing, isLocked, changes }: Worktree): string {
  if (isMissing) return 'gone'
  const words = [
    ...(isMain ? ['main'] : []),
    ...(isLocked ? ['locked'] : []),
    ...(changes ? [`${changes} changed`] : []),
  ]
  return words.length === 0 ? 'clean' : words.join(', ')
}
