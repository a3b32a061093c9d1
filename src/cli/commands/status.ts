/** `codex-hub status`: how the hub is. */
import type { Command } from 'commander'
import type { Run } from '../run.ts'
import { ago, safe, table } from '../text.ts'
import { progressText } from './search.ts'

export function addStatus(program: Command, run: Run): void {
  program
    .command('status')
    .description('how the hub is: its Codex, sessions, clients, memory and store')
    .addHelpText('after', '\nExample:\n  codex-hub --json status')
    .action(
      run(async (context) => {
        const status = await (await context.hub()).request('hub/status', {})
        const { codex, memory, search, store } = status
        const sessions = Object.entries(status.sessions).map(([phase, count]) => `${count} ${phase}`)
        context.print(status, () =>
          table([
            ['version', status.version],
            ['up for', ago(0, status.uptimeMs)],
            ['codex', safe(codex.problem ?? `${codex.version} (${codex.source})`)],
            ['sessions', sessions.join(', ') || 'none'],
            ['clients', String(status.clients)],
            ['processes', String(status.processes.length)],
            ['memory', `${Math.round(memory.rssBytes / 1_048_576)} MiB`],
            ['search', search.isComplete ? 'all is indexed' : progressText(search)],
            ['database', `${Math.round(Number(store.databaseBytes) / 1024)} KiB`],
          ]),
        )
      }),
    )
}
