/** `codex-hub stop`: asks the hub to stop, and waits until it has. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import { isSameProcess, readStartToken } from '../../base/process-identity.ts'
import { CliError, EXIT } from '../exit.ts'
import type { Run } from '../run.ts'

const WAIT_MS = 60_000
const LOOK_MS = 50

export function addStop(program: Command, run: Run): void {
  program
    .command('stop')
    .description('stop the hub; its sessions go on by themselves for a while')
    .option('--sessions', 'end the sessions too')
    .addHelpText(
      'after',
      '\nExample:\n  codex-hub stop && codex-hub serve     a new hub joins the sessions again',
    )
    .action(
      run(async (context, { sessions = false }: { sessions?: boolean }) => {
        const hub = await context.hub()
        const isRemote = context.options.url !== undefined || process.env.CODEX_HUB_URL !== undefined
        const pid = isRemote ? null : (context.notice()?.pid ?? null)
        const startToken = pid === null ? null : await readStartToken(pid)
        await hub.request('hub/shutdown', { stopSessions: sessions })
        context.close()
        if (pid === null || startToken === null) {
          context.print({ stopping: true }, () => 'The hub is stopping.')
          return
        }
        await untilGone(pid, startToken)
        context.print({ stopped: true, pid }, () =>
          sessions
            ? 'The hub and its sessions are stopped.'
            : 'The hub is stopped; its sessions go on for a while.',
        )
      }),
    )
}

/** A hub that is no child of ours announces its end to nobody: looking is all there is. */
async function untilGone(pid: number, startToken: string): Promise<void> {
  const end = Date.now() + WAIT_MS
  while (await isSameProcess(pid, startToken)) {
    if (Date.now() > end) {
      throw new CliError(`The hub (process ${pid}) is still stopping; its log says why.`, EXIT.failed, {
        pid,
      })
    }
    await delay(LOOK_MS)
  }
}
