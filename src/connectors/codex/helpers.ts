/** App-servers without a session, one for each home that is asked about, and what can be asked of them. */
import type { Clock } from '../../base/clock.ts'
import { ConnectorError } from '../connector.ts'
import type { Followers } from './followers.ts'
import { HelperServer } from './helper-server.ts'
import type { HomeLine } from './requests.ts'
import type { RunningServer } from './running-server.ts'
import type { Servers } from './servers.ts'
import { isAtLeast } from './version.ts'

const NAMES_FROM_AFAR_SINCE = '0.120.0'

export class Helpers {
  readonly #servers: Servers
  readonly #clock: Clock
  /** By `CODEX_HOME`. */
  readonly #helpers = new Map<string | null, HelperServer>()

  constructor(servers: Servers, clock: Clock) {
    this.#servers = servers
    this.#clock = clock
  }

  /** @throws ConnectorError */
  ask<T>(codexHome: string | null, question: (line: HomeLine) => Promise<T>): Promise<T> {
    return this.#of(codexHome).ask((running, followers) => question(lineOf(running, followers)))
  }

  /** Name a thread that others may have open. @throws ConnectorError */
  async rename(codexHome: string | null, threadId: string, name: string): Promise<void> {
    await this.#of(codexHome).ask(async ({ server, handle }) => {
      // 0.98 names only threads that are open in the same process, and calls any other unknown.
      if (!isAtLeast(server.version ?? handle.record.codexVersion ?? '', NAMES_FROM_AFAR_SINCE)) {
        throw new ConnectorError(
          'unsupported',
          'This release of Codex names only threads that are open. Resume it first.',
        )
      }
      await server.request('thread/name/set', { threadId, name })
    })
  }

  async close(): Promise<void> {
    await Promise.all([...this.#helpers.values()].map((helper) => helper.close()))
  }

  #of(codexHome: string | null): HelperServer {
    const known = this.#helpers.get(codexHome)
    if (known) return known
    const start = () => this.#servers.start({ codexHome, only: 'stdio' })
    const helper = new HelperServer(start, this.#clock)
    this.#helpers.set(codexHome, helper)
    return helper
  }
}

/** A process without a thread of its own, for whoever asks it. */
export function lineOf({ server, methods }: RunningServer, followers: Followers): HomeLine {
  return {
    methods,
    ask: (method, params, timeoutMs) => server.request(method, params, timeoutMs),
    follow: (notified, closed) => followers.add(notified, closed),
  }
}
