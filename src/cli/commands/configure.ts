/** `codex-hub configure`: what a session runs with, from its next turn on. */
import type { Command } from 'commander'
import { CliError, EXIT } from '../exit.ts'
import { findSession } from '../find-session.ts'
import type { Run } from '../run.ts'
import { safe, table } from '../text.ts'
import { type SettingsOptions, settingsOf, withSettings } from './settings-options.ts'

export function addConfigure(program: Command, run: Run): void {
  withSettings(program.command('configure <session>'))
    .description('change what a session runs with, from its next turn on')
    .addHelpText('after', '\nExample:\n  codex-hub configure Tests --sandbox read-only --effort high')
    .action(
      run(async (context, options: SettingsOptions, name: string) => {
        const settings = settingsOf(options)
        if (Object.keys(settings).length === 0) {
          throw new CliError('Nothing to change; "codex-hub configure --help" has the options.', EXIT.usage)
        }
        const { id: sessionId } = await findSession(await context.hub(), name)
        const { session } = await context.command('session/configure', { sessionId, settings })
        context.print(session.settings, () =>
          table(Object.entries(session.settings).map(([key, value]) => [key, safe(textOf(value))])),
        )
      }),
    )
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return 'as Codex is configured'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
