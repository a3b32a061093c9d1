/** `codex-hub new`: starts a session. */
import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { type Isolation, isolationSchema } from '../../protocol/summary.ts'
import { CliError, EXIT } from '../exit.ts'
import { collect, type Run } from '../run.ts'
import { inputOf, type PromptOptions, showTaken } from './prompt.ts'
import { type SettingsOptions, settingsOf, withSettings } from './settings-options.ts'
import { tellWorktree, type WorktreeOptions, withWorktree, worktreeOf } from './worktree-options.ts'

interface NewOptions extends SettingsOptions, PromptOptions, WorktreeOptions {
  readonly cwd?: string
  readonly name?: string
  readonly isolation?: Isolation
}

export function addNew(program: Command, run: Run): void {
  withWorktree(withSettings(program.command('new [prompt]')))
    .description('start a session, with a first prompt if given ("-" reads it from standard input)')
    .option('-C, --cwd <folder>', 'folder it works in (default: this one)')
    .option('-n, --name <name>', 'name of the session')
    .option('-w, --watch', 'show the answer as it comes, until the turn ends')
    .addOption(
      new Option('--isolation <kind>', 'a Codex process of its own, or one that sessions share').choices(
        isolationSchema.options,
      ),
    )
    .option('-i, --image <file>', 'send an image along; may be repeated', collect)
    .addHelpText(
      'after',
      '\nExamples:\n  codex-hub new "Why does the build fail?" --sandbox read-only --watch\n  git diff | codex-hub new - --name Review --image screenshot.png',
    )
    .action(
      run(async (context, options: NewOptions, prompt: string | undefined) => {
        const wanted = worktreeOf(options)
        const { session, turnId, worktree } = await context.command('session/create', {
          cwd: resolve(options.cwd ?? '.'),
          settings: settingsOf(options),
          ...(options.name === undefined ? {} : { name: options.name }),
          ...(prompt === undefined ? {} : { input: inputOf(prompt, options) }),
          ...(options.isolation === undefined ? {} : { isolation: options.isolation }),
          ...(wanted === undefined ? {} : { worktree: wanted }),
        })
        tellWorktree(worktree)
        if (session.problem) {
          const { message } = session.problem
          throw new CliError(`${session.id} was made, but: ${message}`, EXIT.failed, { session })
        }
        await showTaken(context, options, { sessionId: session.id, turnId, value: session })
      }),
    )
}
