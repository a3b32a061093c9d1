/** `codex-hub send`: one more prompt to a session. */
import type { Command } from 'commander'
import { findSession } from '../find-session.ts'
import { collect, type Run } from '../run.ts'
import { inputOf, type PromptOptions, showTaken } from './prompt.ts'

export function addSend(program: Command, run: Run): void {
  program
    .command('send <session> <prompt>')
    .description('send a prompt ("-" reads it from standard input); a dormant session is resumed first')
    .option('-w, --watch', 'show the answer as it comes, until the turn ends')
    .option('-i, --image <file>', 'send an image along; may be repeated', collect)
    .addHelpText('after', '\nExample:\n  npm test 2>&1 | codex-hub send Tests - --watch')
    .action(
      run(async (context, options: PromptOptions, name: string, prompt: string) => {
        const { id: sessionId } = await findSession(await context.hub(), name)
        const input = inputOf(prompt, options)
        const { turnId } = await context.command('session/send', { sessionId, input })
        await showTaken(context, options, { sessionId, turnId, value: { sessionId, turnId } })
      }),
    )
}
