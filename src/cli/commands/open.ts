/** `codex-hub open`: a Codex terminal on the live session. */
import type { Command } from 'commander'
import { execa } from 'execa'
import { EXIT } from '../exit.ts'
import { findSession } from '../find-session.ts'
import type { Run } from '../run.ts'

export function addOpen(program: Command, run: Run): void {
  program
    .command('open <session>')
    .description('join a Codex terminal to the live session; both stay live')
    .addHelpText(
      'after',
      '\nExamples:\n  codex-hub open Tests\n  codex-hub --json open Tests       the command that would be run',
    )
    .action(
      run(async (context, _options: object, name: string) => {
        const hub = await context.hub()
        const { id: sessionId, door } = await findSession(hub, name)
        if (door === 'dormant') await context.command('session/resume', { sessionId })
        const { command, env, cwd } = await hub.request('session/terminal', { sessionId })
        if (context.isJson) {
          context.print({ command, env, cwd }, () => '')
          return
        }
        context.close()
        const [file = '', ...args] = command
        // Ctrl-C belongs to the terminal that was opened.
        process.on('SIGINT', () => {})
        const { exitCode } = await execa(file, args, { cwd, env, stdio: 'inherit', reject: false })
        process.exitCode = exitCode ?? EXIT.failed
      }),
    )
}
