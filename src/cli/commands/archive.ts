/** `codex-hub archive` and `unarchive`: out of the list, and back. */
import type { Command } from 'commander'
import { findSession } from '../find-session.ts'
import type { Run } from '../run.ts'
import { safe } from '../text.ts'

export function addArchive(program: Command, run: Run): void {
  program
    .command('archive <session>')
    .description('put a session away, here and in Codex; its history stays')
    .addHelpText('after', '\nExample:\n  codex-hub archive Tests')
    .action(
      run(async (context, _options: object, name: string) => {
        const { id: sessionId } = await findSession(await context.hub(), name)
        const { session } = await context.command('session/archive', { sessionId })
        context.print(
          session,
          () => `"${safe(session.title)}" is archived: codex-hub unarchive ${session.id}`,
        )
      }),
    )
  program
    .command('unarchive <session>')
    .description('bring an archived session back')
    .addHelpText('after', '\nExample:\n  codex-hub unarchive 55a8dd1c')
    .action(
      run(async (context, _options: object, name: string) => {
        const { id: sessionId } = await findSession(await context.hub(), name, true)
        const { session } = await context.command('session/unarchive', { sessionId })
        context.print(session, () => `"${safe(session.title)}" is back.`)
      }),
    )
}
