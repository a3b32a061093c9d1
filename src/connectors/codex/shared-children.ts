/**
 * The app-servers that sessions share: one for each home and configuration, started when a session first needs it. It
 * keeps account of those that run without a connection (of an earlier hub, or after a lost one): they hold writer locks,
 * so they are joined again, or ended, before any other is started on their home.
 */
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { ProcessRecord } from '../driver.ts'
import type { Conversation } from './conversation.ts'
import type { OpenedThread } from './opened-thread.ts'
import type { RunningServer } from './running-server.ts'
import { type Seat, SharedChild } from './shared-child.ts'

export type Opening = (server: Conversation, methods: ReadonlySet<string>) => Promise<OpenedThread>

/** A thread that was opened, and where. */
export interface Taken extends Seat {
  readonly child: SharedChild
}

export interface SharedChildrenOptions {
  /** @param sharedBy what the ledger is to know it by */
  start(codexHome: string | null, sharedBy: string): Promise<RunningServer>
  join(record: ProcessRecord): Promise<RunningServer>
  reap(record: ProcessRecord): Promise<void>
  /** Names the home and what a server reads at its start: sessions with the same one can share. */
  keyOf(codexHome: string | null): Promise<string>
  readonly clock: Clock
  readonly log: Log
  /** How long the turn of a session that ends may go on. Milliseconds. */
  readonly finishTurnMs?: number
  /** Codex let go of a thread that no session has there any more. */
  unloaded(threadId: string): void
}

/** As long as a child of one session has, when it is told to end. */
const FINISH_TURN_MS = 30_000

export class SharedChildren {
  readonly #options: SharedChildrenOptions
  readonly #children = new Set<SharedChild>()
  /** The one that new sessions come to, by key; it may still be starting. */
  readonly #current = new Map<string, Promise<SharedChild>>()
  /** Those that run without a connection, by id. */
  readonly #lost = new Map<string, ProcessRecord>()
  readonly #joining = new Map<string, Promise<SharedChild>>()

  constructor(options: SharedChildrenOptions) {
    this.#options = options
  }

  /** A process of an earlier hub: whoever needs one on its home joins it. */
  know(record: ProcessRecord): void {
    this.#lost.set(record.id, record)
  }

  /** The child that has the thread open. */
  holding(threadId: string): SharedChild | null {
    for (const child of this.#children) if (child.holds(threadId)) return child
    return null
  }

  /** By the id of its process. */
  of(id: string): SharedChild | null {
    for (const child of this.#children) if (child.running.handle.record.id === id) return child
    return null
  }

  /** Open a thread on the child that is there for the home now. @throws ConnectorError */
  async open(codexHome: string | null, how: Opening, threadId: string | null): Promise<Taken> {
    await this.#regain(codexHome)
    const key = await this.#options.keyOf(codexHome)
    for (;;) {
      const coming = this.#current.get(key) ?? this.#put(key, this.#start(codexHome, key))
      const child = await coming
      if (child.isOpen) return take(child, how, threadId)
      if (this.#current.get(key) === coming) this.#current.delete(key)
    }
  }

  /** Open a thread of the past where it is open already; null where it is not. @throws ConnectorError */
  async reopen(codexHome: string | null, how: Opening, threadId: string): Promise<Taken | null> {
    await this.#regain(codexHome)
    const holder = this.holding(threadId)
    if (holder?.isOpen) return take(holder, how, threadId)
    // It goes, and its lock with it.
    await holder?.ended()
    return null
  }

  /** Join a process that runs without a connection; whoever asks meanwhile waits for the same one. @throws ConnectorError */
  join(record: ProcessRecord): Promise<SharedChild> {
    const known = [...this.#children].find(
      ({ running, isOpen }) => isOpen && running.handle.record.id === record.id,
    )
    if (known) return Promise.resolve(known)
    const joining = this.#joining.get(record.id)
    if (joining) return joining
    const coming = this.#join(record).finally(() => this.#joining.delete(record.id))
    this.#joining.set(record.id, coming)
    const { sharedBy } = record
    if (sharedBy !== null && !this.#current.has(sharedBy)) this.#put(sharedBy, coming)
    return coming
  }

  async #join(record: ProcessRecord): Promise<SharedChild> {
    const running = await this.#options.join(record)
    const child = this.#add(running)
    try {
      await child.look()
    } catch (error) {
      child.abandon()
      throw error
    }
    this.#lost.delete(record.id)
    return child
  }

  /** Have a connection to every process of the home, or its end. */
  async #regain(codexHome: string | null): Promise<void> {
    const { log, reap } = this.#options
    const lost = [...this.#lost.values()].filter((record) => record.codexHome === codexHome)
    await Promise.all(
      lost.map((record) =>
        this.join(record).catch(async (error: unknown) => {
          log.warn({ err: error, pid: record.pid }, 'a shared process could not be joined and is ended')
          await reap(record)
          this.#lost.delete(record.id)
        }),
      ),
    )
  }

  #put(key: string, coming: Promise<SharedChild>): Promise<SharedChild> {
    this.#current.set(key, coming)
    coming.catch(() => {
      if (this.#current.get(key) === coming) this.#current.delete(key)
    })
    return coming
  }

  async #start(codexHome: string | null, sharedBy: string): Promise<SharedChild> {
    return this.#add(await this.#options.start(codexHome, sharedBy))
  }

  #add(running: RunningServer): SharedChild {
    const { clock, log, finishTurnMs = FINISH_TURN_MS } = this.#options
    const child = new SharedChild(running, {
      clock,
      log: log.child({ pid: running.handle.record.pid }),
      finishTurnMs,
      // A server that is gone already says so before its child is made.
      onEnd: (ending, isLost) => {
        if (isLost) this.know(running.handle.record)
        void ending.ended().then(() => this.#children.delete(ending))
      },
      onUnloaded: (threadId) => this.#options.unloaded(threadId),
    })
    this.#children.add(child)
    return child
  }
}

async function take(child: SharedChild, how: Opening, threadId: string | null): Promise<Taken> {
  try {
    return { child, ...(await child.open((server) => how(server, child.running.methods), threadId)) }
  } catch (error) {
    await child.stopIfIdle()
    throw error
  }
}
