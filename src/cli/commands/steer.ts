/** `codex-hub steer`: more input for the turn that runs. */
import type { Command } from 'commander'
import { findSession } from '../find-session.ts'
import { collect, type Run } from '../run.ts'
import { inputOf, type PromptOptions, showTaken } from './prompt.ts'

export function addSteer(program: Command, run: Run): void {
  program
    .command('steer <session> <prompt>')
    .description('tell the running turn something more ("-" reads it from standard input)')
    .option('-t, --turn <turn>', 'only while this turn runs')
    .option('-w, --watch', 'show the answer as it comes, until the turn ends')
    .option('-i, --image <file>', 'send an image along; may be repeated', collect)
    .addHelpText('after', '\nExample:\n  codex-hub steer Tests "leave the fixtures alone"')
    .action(
      run(async (context, options: PromptOptions & { turn?: string }, name: string, prompt: string) => {
        const { id: sessionId } = await findSession(await context.hub(), name)
        const { turnId } = await context.command('session/steer', {
          sessionId,
          input: inputOf(prompt, options),
          ...(options.turn === undefined ? {} : { expectedTurnId: options.turn }),
        })
        await showTaken(context, options, { sessionId, turnId, value: { sessionId, turnId } })
      }),
    )
}
