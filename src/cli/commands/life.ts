/** Commands on the life of a session: interrupt, resume, end, rename. */
import type { Command } from 'commander'
import { findSession } from '../find-session.ts'
import { notEmpty, type Run } from '../run.ts'
import { safe } from '../text.ts'

export function addLife(program: Command, run: Run): void {
  program
    .command('interrupt <session>')
    .description('stop the running turn; the session stays')
    .addHelpText('after', '\nExample:\n  codex-hub interrupt Tests')
    .action(
      run(async (context, _options: object, name: string) => {
        const { id: sessionId } = await findSession(await context.hub(), name)
        const result = await context.command('session/interrupt', { sessionId })
        context.print(result, () => 'Interrupted.')
      }),
    )
  program
    .command('resume <session>')
    .description('bring a dormant session back, with its memory')
    .addHelpText('after', '\nExample:\n  codex-hub resume 55a8dd1c')
    .action(
      run(async (context, _options: object, name: string) => {
        const { id: sessionId } = await findSession(await context.hub(), name)
        const { session } = await context.command('session/resume', { sessionId })
        context.print(session, () => `"${safe(session.title)}" is ${session.phase}.`)
      }),
    )
  program
    .command('end <session>')
    .description('interrupt what runs and end the process; the session can be resumed')
    .option('-f, --force', 'without asking the turn to stop')
    .addHelpText('after', '\nExample:\n  codex-hub end Tests')
    .action(
      run(async (context, { force = false }: { force?: boolean }, name: string) => {
        const { id: sessionId } = await findSession(await context.hub(), name)
        const { session } = await context.command('session/end', { sessionId, force })
        context.print(session, () => `"${safe(session.title)}" is ${session.phase}.`)
      }),
    )
  program
    .command('rename <session>')
    .argument('<name>', 'its name from now on', notEmpty)
    .description('name a session, here and in Codex')
    .addHelpText('after', '\nExample:\n  codex-hub rename 55a8dd1c "Flaky tests"')
    .action(
      run(async (context, _options: object, named: string, name: string) => {
        const { id: sessionId } = await findSession(await context.hub(), named)
        const { session } = await context.command('session/rename', { sessionId, name })
        context.print(session, () => `${session.id} is now "${safe(session.title)}".`)
      }),
    )
}
