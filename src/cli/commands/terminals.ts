/** `codex-hub terminals`: the commands that a session left running in the background. */
import type { Command } from 'commander'
import type { BackgroundTerminal } from '../../protocol/terminal.ts'
import { CliError, EXIT } from '../exit.ts'
import { findSession } from '../find-session.ts'
import type { Run } from '../run.ts'
import { oneLine, paint, safe, shortPath, table } from '../text.ts'

interface TerminalOptions {
  readonly terminate?: string
  readonly terminateAll?: boolean
  readonly output?: string
}

export function addTerminals(program: Command, run: Run): void {
  program
    .command('terminals <session>')
    .description('the commands a session left running in the background: list, output, terminate')
    .option('-o, --output <process>', 'the newest output of one')
    .option('-t, --terminate <process>', 'end one')
    .option('--terminate-all', 'end all of them')
    .addHelpText(
      'after',
      '\nExamples:\n  codex-hub terminals Tests\n  codex-hub terminals Tests --output 21209\n  codex-hub terminals Tests --terminate 21209',
    )
    .action(
      run(async (context, options: TerminalOptions, name: string) => {
        const { terminate, terminateAll, output } = options
        const hub = await context.hub()
        const { id: sessionId } = await findSession(hub, name)
        if (terminate !== undefined || terminateAll) {
          const processId = terminateAll ? {} : { processId: terminate ?? '' }
          const done = await context.command('terminal/terminate', { sessionId, ...processId })
          context.print(done, () => (done.terminated ? 'Terminated.' : 'It had ended.'))
          return
        }
        const { terminals } = await hub.request('terminal/list', { sessionId })
        if (output === undefined) context.print(terminals, () => textOf(terminals))
        else {
          const one = terminals.find(({ processId }) => processId === output)
          if (!one) throw new CliError(`No command ${safe(output)} runs in the background.`, EXIT.failed)
          context.print(one, () => safe(one.output).replace(/\n$/, ''))
        }
      }),
    )
}

function textOf(terminals: readonly BackgroundTerminal[]): string {
  if (terminals.length === 0) return 'Nothing runs in the background.'
  return table(
    terminals.map(({ processId, command, cwd, output }) => [
      paint('bold', safe(processId)),
      oneLine(command, 60),
      paint('dim', shortPath(cwd, 40)),
      oneLine(output.trimEnd().split('\n').at(-1) ?? '', 40),
    ]),
  )
}
