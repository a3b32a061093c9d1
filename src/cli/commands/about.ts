/** Commands about the hub and its Codex: models, status, stop. */
import type { Command } from 'commander'
import type { Run } from '../main.ts'
import { ago, paint, safe, table } from '../text.ts'

export function addAbout(program: Command, run: Run): void {
  program
    .command('models')
    .description('the models Codex offers')
    .option('-a, --all', 'also hidden ones')
    .action(
      run(async (context, { all = false }: { all?: boolean }) => {
        const { models } = await (await context.hub()).request('model/list', { includeHidden: all })
        context.print(models, () =>
          table(
            models.map(({ id, displayName, efforts, isDefault }) => [
              isDefault ? paint('bold', id) : id,
              safe(displayName),
              paint('dim', efforts.join(' ')),
            ]),
          ),
        )
      }),
    )
  program
    .command('status')
    .description('how the hub is')
    .action(
      run(async (context) => {
        const status = await (await context.hub()).request('hub/status', {})
        context.print(status, () =>
          table([
            ['version', status.version],
            ['up for', ago(0, status.uptimeMs)],
            ['codex', status.codex.problem ?? `${status.codex.version} (${status.codex.source})`],
            [
              'sessions',
              Object.entries(status.sessions)
                .map(([phase, count]) => `${count} ${phase}`)
                .join(', ') || 'none',
            ],
            ['clients', String(status.clients)],
            ['processes', String(status.processes.length)],
            ['memory', `${Math.round(status.memory.rssBytes / 1_048_576)} MiB`],
            ['database', `${Math.round(Number(status.store.databaseBytes) / 1024)} KiB`],
          ]),
        )
      }),
    )
  program
    .command('stop')
    .description('stop the hub; its sessions go on by themselves for a while')
    .option('--sessions', 'end the sessions too')
    .action(
      run(async (context, { sessions = false }: { sessions?: boolean }) => {
        await (await context.hub()).request('hub/shutdown', { stopSessions: sessions })
        context.print({ stopped: true }, () => 'The hub is stopping.')
      }),
    )
}
