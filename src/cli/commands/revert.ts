/** `codex-hub revert`: take turns back. */
import type { Command } from 'commander'
import { CliError, EXIT } from '../exit.ts'
import { findSession } from '../find-session.ts'
import { type Run, wholeNumber } from '../run.ts'
import { safe } from '../text.ts'

interface RevertOptions {
  readonly turns?: number
  readonly from?: string
  readonly restoreFiles?: boolean
}

export function addRevert(program: Command, run: Run): void {
  program
    .command('revert <session>')
    .description('take the newest turns back, here and in Codex; files stay as they are unless asked')
    .option('-n, --turns <count>', 'so many of the newest turns (default: 1)', wholeNumber(1_000, 1))
    .option('--from <turn>', 'this turn and all after it')
    .option('--restore-files', 'also give the files that these turns changed their earlier content')
    .addHelpText('after', '\nExample:\n  codex-hub revert Tests --turns 2')
    .action(
      run(async (context, { turns, from, restoreFiles }: RevertOptions, name: string) => {
        if (turns !== undefined && from !== undefined)
          throw new CliError('Give either --turns or --from.', EXIT.usage)
        const { id: sessionId } = await findSession(await context.hub(), name)
        const answer = await context.command('session/revert', {
          sessionId,
          ...(from === undefined ? { count: turns ?? 1 } : { turnId: from }),
          restoreFiles: restoreFiles === true,
        })
        if (answer.files.state === 'failed') process.exitCode = EXIT.failed
        context.print(answer, () => {
          const { turnIds, files } = answer
          const what = turnIds.length === 1 ? 'One turn was' : `${turnIds.length} turns were`
          return [
            `${what} taken back. ${safe(files.message)}`,
            ...files.paths.map((path) => `  ${safe(path)}`),
          ].join('\n')
        })
      }),
    )
}
