/** One connection to a daemon in use: the threads it has, and the lanes of those that are joined. */
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { CloseCause } from '../../jsonrpc/channel.ts'
import { SharedServer } from '../codex/shared-server.ts'
import type { Connector } from '../connector.ts'
import type { DaemonConnection } from './connection.ts'
import { type JoinOptions, joinLoadedThread } from './join.ts'
import { LoadedThreads, type ThreadsListener } from './loaded-threads.ts'

export interface LinkOptions {
  readonly clock: Clock
  readonly log: Log
  readonly listener: ThreadsListener
  /** The connection ended, not by us. Connectors and threads were told. */
  readonly onEnd: (cause: CloseCause) => void
}

export class DaemonLink {
  readonly connection: DaemonConnection
  readonly threads: LoadedThreads
  readonly #shared: SharedServer
  readonly #options: LinkOptions
  readonly #joined = new Set<string>()
  readonly #workers = new Set<string>()
  #isClosed = false

  constructor(connection: DaemonConnection, options: LinkOptions) {
    this.connection = connection
    this.#options = options
    const { clock, log, listener } = options
    this.threads = new LoadedThreads(connection.server, {
      clock,
      log,
      listener,
      relate: (threadId, parentThreadId) => {
        this.#shared.relate(threadId, parentThreadId)
        for (const root of this.#joined) this.#followWorkers(root)
      },
      unloaded: (threadId) => this.#shared.unload(threadId),
    })
    this.#shared = new SharedServer(connection.server, log, {
      notification: (method, params, threadId) => {
        try {
          this.threads.notification(method, params, threadId)
        } catch (error) {
          // It would end the connection of every session that is joined.
          log.error({ err: error, method }, 'a notification of the Codex daemon could not be taken in')
        }
      },
      // Somebody else's to answer: the first answer of any client counts.
      request: ({ method }, threadId) => {
        log.debug({ method, threadId }, 'Codex asks somebody else')
        return false
      },
      closed: (cause) => {
        if (this.#isClosed) return
        this.close()
        options.onEnd(cause)
      },
    })
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** @throws ConnectorError */
  join(
    threadId: string,
    options: JoinOptions,
    terminal: (threadId: string) => { command: string[]; env: Record<string, string> },
  ): Promise<Connector> {
    const { methods, instance } = this.connection
    const { clock, log } = this.#options
    return joinLoadedThread(
      {
        shared: this.#shared,
        methods,
        instance,
        clock,
        log,
        terminal,
        followWorkers: (root) => {
          this.#joined.add(root)
          // It was let go of with the thread, where it was followed before.
          for (const id of this.#shared.workersOf(root)) this.#workers.delete(id)
          this.#followWorkers(root)
        },
      },
      threadId,
      options,
    )
  }

  /** Connectors that were not let go of are told that the hub closed the connection. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#shared.close()
    this.threads.close()
  }

  /** Codex asks every client that was there when a subagent began; the others it asks once they follow it (0.169). */
  #followWorkers(root: string): void {
    for (const threadId of this.#shared.workersOf(root)) {
      if (this.#workers.has(threadId)) continue
      this.#workers.add(threadId)
      this.connection.server
        .request('thread/resume', { threadId, excludeTurns: true })
        .catch((error: unknown) => {
          this.#options.log.debug({ err: error, threadId }, 'a subagent could not be followed')
        })
    }
  }
}
