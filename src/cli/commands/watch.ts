/** `codex-hub watch`: the live text of a session. */
import type { Command } from 'commander'
import { CliError, EXIT } from '../exit.ts'
import { findSession } from '../find-session.ts'
import type { Run } from '../run.ts'
import { watchSession } from '../watch/watch-session.ts'

export function addWatch(program: Command, run: Run): void {
  program
    .command('watch <session>')
    .description('show a session as it goes on: texts, commands, approvals and how to answer them')
    .option('-u, --until-idle', 'end when no turn is running; exit code 1 if the last one did not complete')
    .addHelpText(
      'after',
      '\nExamples:\n  codex-hub watch Tests\n  codex-hub --json watch Tests --until-idle | jq .turn',
    )
    .action(
      run(async (context, { untilIdle = false }: { untilIdle?: boolean }, name: string) => {
        const hub = await context.hub()
        const { id } = await findSession(hub, name)
        const ending = await watchSession(hub, id, { json: context.isJson, untilIdle })
        if (ending === 'gone') throw new CliError('The session was removed.', EXIT.failed)
        if (ending === 'failed') process.exitCode = EXIT.failed
      }),
    )
}
