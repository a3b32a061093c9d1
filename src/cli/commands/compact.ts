/** `codex-hub compact`: make room in a session's context. */
import type { Command } from 'commander'
import { EXIT } from '../exit.ts'
import { findSession } from '../find-session.ts'
import type { Run } from '../run.ts'
import { showTaken } from './prompt.ts'

export function addCompact(program: Command, run: Run): void {
  program
    .command('compact <session>')
    .description('let Codex shorten what the session remembers')
    .option('-w, --watch', 'show it as it goes, until it is done')
    .addHelpText('after', '\nExample:\n  codex-hub compact Tests --watch')
    .action(
      run(async (context, options: { watch?: boolean }, name: string) => {
        const { id: sessionId } = await findSession(await context.hub(), name)
        const value = await context.command('session/compact', { sessionId })
        await showTaken(context, options, { sessionId, turnId: value.turnId, value })
        if (!options.watch || process.exitCode === EXIT.failed) return
        const { session } = await (await context.hub()).request('session/get', { sessionId })
        const tokens = {
          before: value.tokensBefore?.last.totalTokens,
          after: session.tokens?.last.totalTokens,
        }
        if (context.isJson) console.log(JSON.stringify({ tokens }))
        else console.log(`${countText(tokens.before)} tokens before, ${countText(tokens.after)} after.`)
      }),
    )
}

function countText(count: number | undefined): string {
  return count === undefined ? 'An unknown number of' : count.toLocaleString('en')
}
