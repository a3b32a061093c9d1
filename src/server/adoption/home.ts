/**
 * One `CODEX_HOME`: follows its rollouts and its daemon, and has each thread looked at when something happens in it. It
 * reads; nothing in the home is ever written or locked.
 */
import type { Connector } from '../../connectors/connector.ts'
import type { DaemonHealth } from '../../connectors/daemon/health.ts'
import { DaemonWatch } from '../../connectors/daemon/watch.ts'
import type { OpenOptions } from '../../connectors/driver.ts'
import { chokidarHints } from '../../connectors/rollout/hints.ts'
import { stampOf, type WatchEvent, type WatchedThread } from '../../connectors/rollout/thread-files.ts'
import { RolloutWatcher } from '../../connectors/rollout/watch.ts'
import type { ForeignDoors, ObservedSource } from '../session/foreign-doors.ts'
import type { Session } from '../session/session.ts'
import type { AdoptionRooms } from './adoption.ts'
import { Leaving } from './leaving.ts'
import { Observers } from './observers.ts'
import { LookQueue } from './queue.ts'
import { ThreadLooks } from './thread-looks.ts'

const DROPPED_SHOWN = 100

/** What `home/list` says of one home. */
export interface HomeReport {
  readonly codexHome: string
  readonly adopt: boolean
  /** Threads with a rollout, and how many of them still wait to be looked at. */
  readonly threads: number
  readonly waiting: number
  /** How many are being read as they grow. */
  readonly observed: number
  readonly problems: readonly string[]
  readonly dropped: readonly { readonly threadId: string; readonly droppedAt: number }[]
  readonly daemon: (Omit<DaemonHealth, 'codexHome'> & { readonly threads: number }) | null
}

export class HomeAdoption {
  readonly codexHome: string
  readonly #rooms: AdoptionRooms
  readonly #watcher: RolloutWatcher
  readonly #daemon: DaemonWatch
  readonly #queue: LookQueue
  readonly #observers: Observers
  readonly #leaving: Leaving
  readonly #looks: ThreadLooks
  /** Threads that were written by the hub's own child, which is gone: what it wrote last is being looked up. */
  readonly #resting = new Set<string>()
  #problems: readonly string[] = []

  constructor(codexHome: string, rooms: AdoptionRooms) {
    this.codexHome = codexHome
    this.#rooms = rooms
    this.#observers = new Observers(codexHome, rooms, (threadId) => this.threadOf(threadId))
    this.#leaving = new Leaving(rooms, () => this.#daemon.threads)
    this.#looks = new ThreadLooks(codexHome, rooms, {
      threadOf: (threadId) => this.threadOf(threadId),
      loadedOf: (threadId) => this.#daemon.threads.get(threadId) ?? null,
    })
    this.#queue = new LookQueue((threadId) => this.#lookSafely(threadId))
    this.#watcher = new RolloutWatcher({
      codexHome,
      clock: rooms.clock,
      openHints: chokidarHints,
      onEvent: (event) => this.#seen(event),
      onHealth: (problems) => {
        this.#problems = problems
        for (const problem of problems) rooms.log.warn({ codexHome }, problem)
      },
    })
    const { clock, log, hubVersion, codexCommand } = rooms
    this.#daemon = new DaemonWatch({
      codexHome,
      hubVersion,
      clock,
      log,
      ...(codexCommand === undefined ? {} : { codexCommand }),
      openHints: chokidarHints,
      listener: {
        health: ({ state, sentence }) => log.info({ codexHome, state }, sentence),
        threadLoaded: ({ threadId }) => this.#queue.add(threadId, clock.now()),
        threadStatus: (threadId, { status }) => {
          if (status === 'active') this.#queue.add(threadId, clock.now())
        },
        threadNamed: (threadId, name) => this.#named(threadId, name),
        threadArchived: (threadId, archived) =>
          rooms.registry.byThread(threadId)?.record.patchSummary({ archived }),
        // Whoever follows it is told by the connector.
        threadGone: (threadId) => this.#leaving.gone(threadId),
      },
    })
  }

  /** Resolves when every rollout is known by name; looking into them goes on behind it. */
  async start(): Promise<void> {
    this.#leaving.start()
    // The daemon first: what it has open is not to be observed for a moment and then joined.
    await this.#daemon.start()
    await this.#watcher.start()
  }

  /** Resolves when nothing waits to be looked at. */
  async settled(): Promise<void> {
    await this.#watcher.settled()
    await this.#queue.drained()
  }

  async close(): Promise<void> {
    this.#leaving.close()
    this.#queue.close()
    await this.#watcher.close()
    await this.#queue.drained()
    await this.#daemon.close()
  }

  get report(): HomeReport {
    const { codexHome: _home, ...health } = this.#daemon.health
    return {
      daemon: { ...health, threads: this.#daemon.threads.size },
      codexHome: this.codexHome,
      adopt: true,
      threads: this.#watcher.threads.size,
      waiting: this.#queue.size,
      observed: this.#observers.size,
      problems: [...this.#problems, ...this.#looks.problems],
      dropped: this.#rooms.dropped
        .of(this.codexHome)
        .slice(0, DROPPED_SHOWN)
        .map(({ threadId, droppedAt }) => ({ threadId, droppedAt })),
    }
  }

  get threads(): Iterable<WatchedThread> {
    return this.#watcher.threads.values()
  }

  threadOf(threadId: string): WatchedThread | null {
    return this.#watcher.threads.get(threadId) ?? null
  }

  isLoaded(threadId: string): boolean {
    return this.#daemon.threads.has(threadId)
  }

  /** See `ForeignDoors.join`. */
  join(threadId: string, { sessionId, sink }: OpenOptions): Promise<Connector> {
    return this.#daemon.join(threadId, { sessionId, sink })
  }

  /** See `ForeignDoors.observe`. @throws the system's error when the rollout cannot be read */
  observe(thread: WatchedThread, options: Parameters<ForeignDoors['observe']>[1]): Promise<ObservedSource> {
    return this.#observers.open(thread, options)
  }

  /** Nothing is behind a session any more. @param asked its owner wanted that; what is on disk now is known */
  async rested(session: Session, asked: boolean): Promise<void> {
    const { threadId } = session.summary
    if (threadId === null) return
    if (asked) this.#resting.add(threadId)
    try {
      await (this.threadOf(threadId) ? this.#watcher.lookAt(threadId) : this.#watcher.sweep())
    } finally {
      this.#resting.delete(threadId)
    }
    const thread = this.threadOf(threadId)
    if (!thread) return
    if (!asked) {
      if (session.facts.runningTurn) this.#rooms.known.leaveUnfinished(threadId)
      this.#queue.add(threadId, thread.modifiedAt)
      return
    }
    const known = this.#rooms.known.get(threadId)
    this.#rooms.known.put({
      threadId,
      sessionId: session.id,
      codexHome: this.codexHome,
      stamp: stampOf(thread),
      readStamp: known?.readStamp ?? null,
    })
  }

  /** Give a thread its session now, without waiting for something to happen in it. */
  async take(threadId: string): Promise<Session | null> {
    await this.#looks.look(threadId)
    return this.#rooms.registry.byThread(threadId)
  }

  /** Read what a session that somebody opens lacks. */
  async readUp(session: Session): Promise<void> {
    const { threadId } = session.summary
    if (threadId !== null && this.isLoaded(threadId) && !session.isBusy) {
      await this.#rooms.registry.open(session.id, 'join')
      return
    }
    const thread = threadId === null ? null : this.threadOf(threadId)
    if (!thread || session.isBusy) return
    const known = this.#rooms.known.get(thread.threadId)
    // A session with turns from another door is compared when its rollout changes, not when it is looked at.
    if (!known || known.readStamp === stampOf(thread)) return
    if (known.readStamp === null && session.summary.counters.turns > 0) return
    await this.#rooms.registry.open(session.id, 'observe')
  }

  #seen(event: WatchEvent): void {
    if (event.type === 'removed') {
      this.#observers.gone(event.threadId)
      this.#rooms.known.remove(event.threadId)
      this.#looks.forget(event.threadId)
      return
    }
    const { thread } = event
    this.#observers.changed(thread)
    this.#queue.add(thread.threadId, thread.modifiedAt)
  }

  async #lookSafely(threadId: string): Promise<void> {
    try {
      if (!this.#resting.has(threadId)) await this.#looks.look(threadId)
    } catch (error) {
      this.#rooms.log.warn(
        { err: error, threadId, codexHome: this.codexHome },
        'a rollout could not be looked at; it is tried again when it changes',
      )
    } finally {
      // This one is still counted.
      if (this.#queue.size === 1) this.#rooms.onLooked()
    }
  }

  #named(threadId: string, name: string | null): void {
    const session = this.#rooms.registry.byThread(threadId)
    if (session && name !== null && !session.isBusy)
      session.record.patchSummary({ title: name, titleSource: 'name' })
  }
}
