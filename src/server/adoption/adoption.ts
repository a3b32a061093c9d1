/**
 * Everything the hub did not start: the configured homes, each watched by itself, and the doors to their threads. It
 * decides which threads become sessions and through which door they are seen; what they mean is the session's affair.
 */
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { type Connector, ConnectorError } from '../../connectors/connector.ts'
import type { OpenOptions } from '../../connectors/driver.ts'
import type { WatchedThread } from '../../connectors/rollout/thread-files.ts'
import { readWriterLock } from '../../connectors/rollout/writer-lock.ts'
import type { Change } from '../../persistence/change.ts'
import type { Registry } from '../registry.ts'
import type { ForeignDoors, ObservedSource } from '../session/foreign-doors.ts'
import type { Session } from '../session/session.ts'
import type { DroppedThreads } from './dropped.ts'
import type { HomeAdoption } from './home.ts'
import { type ConfiguredHome, Homes } from './homes.ts'
import type { KnownRollouts } from './known-rollouts.ts'

export interface AdoptionOptions {
  readonly homes: readonly ConfiguredHome[]
  readonly known: KnownRollouts
  readonly dropped: DroppedThreads
  readonly clock: Clock
  readonly log: Log
  readonly hubVersion: string
  /** What a terminal is told to run. */
  readonly codexCommand?: string
  /** How long nobody must have written for an observed session to be over. Milliseconds. */
  readonly endedAfterMs: number
}

/** What a home reaches into. */
export interface AdoptionRooms extends Omit<AdoptionOptions, 'homes'> {
  readonly registry: Registry
  readonly readBackTurns: number
  onLooked(): void
}

/** How many turns are compared when a session's past came through another door. */
const READ_BACK_TURNS = 20

export class Adoption implements ForeignDoors {
  readonly homes: Homes
  readonly #options: AdoptionOptions
  #registry: Registry | null = null

  constructor(options: AdoptionOptions) {
    this.#options = options
    this.homes = new Homes(options.homes)
  }

  /** Begin to watch. Resolves when the rollouts are known by name. */
  async start(registry: Registry): Promise<void> {
    const { homes: _homes, ...options } = this.#options
    const onLooked = (): void => this.onLooked()
    this.#registry = registry
    const rooms: AdoptionRooms = { ...options, registry, readBackTurns: READ_BACK_TURNS, onLooked }
    registry.hooks.onRest = (session, asked) => this.#rested(session, asked)
    await this.homes.start(rooms)
  }

  /** Told when rollouts were looked at that were new or had changed, and none waits any more. */
  onLooked: () => void = () => {};

  /** Every thread with a rollout in a home that is watched. */
  *threads(): Generator<WatchedThread> {
    for (const home of this.homes.watched) yield* home.threads
  }

  /** Whether rollouts still wait to be looked at. */
  get isLooking(): boolean {
    return this.homes.watched.some((home) => home.report.waiting > 0)
  }

  isLookedAt(threadId: string): boolean {
    return this.#options.known.get(threadId) !== undefined
  }

  /** Resolves when nothing waits to be looked at. */
  async settled(): Promise<void> {
    await Promise.all(this.homes.watched.map((home) => home.settled()))
  }

  close(): Promise<void> {
    return this.homes.close()
  }

  /** The `CODEX_HOME` of the hub's own sessions. */
  get ownHome(): string {
    return (this.homes.configured[0] as ConfiguredHome).codexHome
  }

  /** Environment of a terminal that goes on with a session of the hub's own home. */
  get ownHomeEnv(): Record<string, string> {
    return { CODEX_HOME: this.ownHome }
  }

  /** A step failed: find out again how the session can be seen. */
  lookAgain(session: Session): void {
    void this.#rested(session, false)
  }

  /** Read what a session that somebody opens lacks. Failures are logged and change nothing. */
  async readUp(session: Session): Promise<void> {
    try {
      await this.#homeOf(session)?.readUp(session)
    } catch (error) {
      this.#options.log.warn({ err: error, sessionId: session.id }, 'a rollout could not be read')
    }
  }

  canJoin(threadId: string | null): boolean {
    return threadId !== null && this.homes.watched.some((home) => home.isLoaded(threadId))
  }

  async join(threadId: string, options: OpenOptions): Promise<Connector> {
    for (const home of this.homes.watched) if (home.isLoaded(threadId)) return home.join(threadId, options)
    throw new ConnectorError('threadNotFound', 'The Codex daemon does not have this thread open.', {
      threadId,
    })
  }

  async observe(threadId: string, options: Parameters<ForeignDoors['observe']>[1]): Promise<ObservedSource> {
    for (const home of this.homes.watched) {
      const thread = home.threadOf(threadId)
      if (thread) return home.observe(thread, options)
    }
    throw new ConnectorError('threadNotFound', 'No rollout of this thread was found.', { threadId })
  }

  /** A session is about to be deleted: what happens in its thread opens no door until the returned function is called. */
  leave({ summary }: Session): () => void {
    return summary.threadId === null ? () => {} : this.#options.dropped.leave(summary.threadId)
  }

  /**
   * A session is deleted. @param isKept Codex keeps its thread, which must not become a session again by itself
   * @returns what has to be stored with it
   */
  forget(session: Session, isKept: boolean): Change[] {
    const { threadId } = session.summary
    if (threadId === null) return []
    const { known, dropped, clock } = this.#options
    known.remove(threadId)
    if (!isKept) return []
    const home = this.#homeOf(session)?.codexHome ?? session.record.stored.codexHome
    const codexHome = home ?? this.ownHome
    return [dropped.add({ threadId, codexHome, droppedAt: clock.now() })]
  }

  /** Make a thread a session, also one that was deleted here before. @returns null when no watched home has it */
  async take(threadId: string): Promise<Session | null> {
    const home = this.homes.watched.find(
      (each) => each.threadOf(threadId) !== null || each.isLoaded(threadId),
    )
    if (!home) return null
    this.#options.dropped.take(threadId)
    return home.take(threadId)
  }

  noteRead(_sessionId: string, threadId: string | null, checkpoint: unknown, stamp: string | null): Change[] {
    return threadId === null ? [] : this.#options.known.read(threadId, checkpoint, stamp)
  }

  async holderOf(threadId: string): Promise<{ pid: number; command: string | null } | null> {
    // Kept open by a process of ours, which opens it again for whoever asks the hub.
    if (this.#registry?.holds(threadId)) return null
    for (const home of this.homes.watched) {
      const thread = home.threadOf(threadId)
      const lock = thread && (await readWriterLock(home.codexHome, threadId, thread.paths))
      if (lock?.state === 'held') return lock.holder
    }
    return null
  }

  #homeOf(session: Session): HomeAdoption | undefined {
    const { threadId } = session.summary
    return threadId === null ? undefined : this.homes.watched.find((home) => home.threadOf(threadId) !== null)
  }

  async #rested(session: Session, asked: boolean): Promise<void> {
    const { codexHome } = session.record.stored
    const home = this.#homeOf(session) ?? this.homes.watched.find((each) => each.codexHome === codexHome)
    try {
      await (home ?? this.homes.watched[0])?.rested(session, asked)
    } catch (error) {
      this.#options.log.warn({ err: error, sessionId: session.id }, 'a rested session could not be looked at')
    }
  }
}
