/** `codex-hub watch`: the live text of a session, or what asks for a person in all of them. */
import type { Command } from 'commander'
import { CliError, EXIT } from '../exit.ts'
import { findSession } from '../find-session.ts'
import type { Run } from '../run.ts'
import { watchAttention } from '../watch/watch-attention.ts'
import { watchSession } from '../watch/watch-session.ts'

interface WatchChoices {
  readonly untilIdle?: boolean
  readonly attention?: boolean
  readonly notify?: boolean
}

export function addWatch(program: Command, run: Run): void {
  program
    .command('watch [session]')
    .description('show a session as it goes on: texts, commands, approvals and how to answer them')
    .option('-u, --until-idle', 'end when no turn is running; exit code 1 if the last one did not complete')
    .option('-a, --attention', 'without a session: what asks for you in all of them, as it happens')
    .option('-n, --notify', 'with --attention: have the terminal show a notification for each')
    .addHelpText(
      'after',
      '\nExamples:\n  codex-hub watch Tests\n  codex-hub --json watch Tests --until-idle | jq .turn\n  codex-hub watch --attention --notify',
    )
    .action(
      run(async (context, options: WatchChoices, name: string | undefined) => {
        const { untilIdle = false, attention = false, notify = false } = options
        if (attention === (name !== undefined) || (notify && !attention))
          throw new CliError('Name a session, or watch --attention of all of them.', EXIT.usage)
        const hub = await context.hub()
        if (name === undefined) {
          await watchAttention(hub, {
            json: context.isJson,
            write: (text) => process.stdout.write(text),
            ...(notify ? { notify: (sequence) => process.stderr.write(sequence) } : {}),
          })
          return
        }
        const { id } = await findSession(hub, name, 'orElse')
        const ending = await watchSession(hub, id, { json: context.isJson, untilIdle })
        if (ending === 'gone') throw new CliError('The session was removed.', EXIT.failed)
        if (ending === 'failed') process.exitCode = EXIT.failed
      }),
    )
}
