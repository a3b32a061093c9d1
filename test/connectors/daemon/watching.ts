/** A watch whose reports are kept, and another client of the same daemon. */
import { systemClock } from '../../../src/base/clock.ts'
import { silentLog } from '../../../src/base/log.ts'
import { AppServer } from '../../../src/connectors/codex/app-server.ts'
import { controlSocketPath } from '../../../src/connectors/daemon/control-socket.ts'
import type { DaemonHealth, DaemonState } from '../../../src/connectors/daemon/health.ts'
import { DaemonWatch, type DaemonWatchOptions } from '../../../src/connectors/daemon/watch.ts'
import { chokidarHints } from '../../../src/connectors/rollout/hints.ts'
import { connectUnixSocket } from '../../../src/jsonrpc/unix-socket.ts'

export type Report =
  | { readonly health: DaemonHealth }
  | { readonly loaded: string; readonly status: string; readonly preview: string | null }
  | { readonly status: string; readonly of: string; readonly flags: readonly string[] }
  | { readonly named: string; readonly name: string | null }
  | { readonly archived: string; readonly isArchived: boolean }
  | { readonly gone: string; readonly why: string }

export interface Watching {
  readonly watch: DaemonWatch
  readonly reports: Report[]
  /** The first report that fits, past or to come. */
  report<T extends Report>(fits: (report: Report) => report is T): Promise<T>
  state(state: DaemonState): Promise<DaemonHealth>
  loaded(threadId: string): Promise<Report>
}

export function watching(codexHome: string, options: Partial<DaemonWatchOptions> = {}): Watching {
  const reports: Report[] = []
  const waiting = new Set<() => void>()
  const add = (report: Report): void => {
    reports.push(report)
    for (const look of [...waiting]) look()
  }
  const watch = new DaemonWatch({
    codexHome,
    hubVersion: '0.0.0',
    clock: systemClock,
    log: silentLog,
    openHints: chokidarHints,
    listener: {
      health: (health) => add({ health }),
      threadLoaded: ({ threadId, status, preview }) =>
        add({ loaded: threadId, status: status.status, preview }),
      threadStatus: (of, { status, flags }) => add({ status, of, flags }),
      threadNamed: (named, name) => add({ named, name }),
      threadArchived: (archived, isArchived) => add({ archived, isArchived }),
      threadGone: (gone, why) => add({ gone, why }),
    },
    ...options,
  })
  const report: Watching['report'] = (fits) =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = reports.find(fits)
        if (!found) return
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      look()
    })
  return {
    watch,
    reports,
    report,
    async state(state) {
      type Health = Extract<Report, { health: unknown }>
      const found = await report(
        (entry): entry is Health => 'health' in entry && entry.health.state === state,
      )
      return found.health
    },
    loaded: (threadId) => report((entry): entry is Report => 'loaded' in entry && entry.loaded === threadId),
  }
}

/** Another client of the daemon, as a terminal is one. */
export async function otherClient(codexHome: string): Promise<AppServer> {
  const server = new AppServer({
    channel: await connectUnixSocket(controlSocketPath(codexHome)),
    hubVersion: '0.0.0',
    clock: systemClock,
    log: silentLog,
    explain: async (cause) => cause,
  })
  await server.handshake()
  return server
}
