/**
 * One `CODEX_HOME`: finds the threads others write in it and gives each its session, once. Threads the hub has open
 * itself are recognised by their id and left alone. It reads; nothing in the home is ever written or locked.
 */
import { mintId } from '../../base/id.ts'
import { outlineThread } from '../../connectors/rollout/head-tail.ts'
import { chokidarHints } from '../../connectors/rollout/hints.ts'
import { ObservedConnector } from '../../connectors/rollout/observed.ts'
import { stampOf, type WatchEvent, type WatchedThread } from '../../connectors/rollout/thread-files.ts'
import { readThreadNames } from '../../connectors/rollout/thread-names.ts'
import { RolloutWatcher } from '../../connectors/rollout/watch.ts'
import { listLockedThreads, readWriterLock } from '../../connectors/rollout/writer-lock.ts'
import type { ForeignDoors, ObservedSource } from '../session/door.ts'
import type { Session } from '../session/session.ts'
import { adoptedSession, outlinePatch } from './adopted-session.ts'
import type { AdoptionRooms } from './adoption.ts'
import { LookQueue } from './queue.ts'

/** Names are read again when they are older than this. Milliseconds. */
const NAMES_MS = 2_000

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
}

export class HomeAdoption {
  readonly codexHome: string
  readonly #rooms: AdoptionRooms
  readonly #watcher: RolloutWatcher
  readonly #queue: LookQueue
  readonly #observers = new Map<string, ObservedConnector>()
  #problems: readonly string[] = []
  #names: { readonly at: number; readonly names: Promise<Map<string, string>> } | null = null
  #locked: { readonly at: number; readonly threads: Promise<Set<string>> } | null = null

  constructor(codexHome: string, rooms: AdoptionRooms) {
    this.codexHome = codexHome
    this.#rooms = rooms
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
  }

  /** Resolves when every rollout is known by name; looking into them goes on behind it. */
  start(): Promise<void> {
    return this.#watcher.start()
  }

  /** Resolves when nothing waits to be looked at. */
  async settled(): Promise<void> {
    await this.#watcher.settled()
    await this.#queue.drained()
  }

  async close(): Promise<void> {
    this.#queue.close()
    await this.#watcher.close()
    await this.#queue.drained()
  }

  get report(): HomeReport {
    return {
      codexHome: this.codexHome,
      adopt: true,
      threads: this.#watcher.threads.size,
      waiting: this.#queue.size,
      observed: this.#observers.size,
      problems: this.#problems,
    }
  }

  threadOf(threadId: string): WatchedThread | null {
    return this.#watcher.threads.get(threadId) ?? null
  }

  /** See `ForeignDoors.observe`. @throws the system's error when the rollout cannot be read */
  async observe(
    thread: WatchedThread,
    { sink, knowsPast }: Parameters<ForeignDoors['observe']>[1],
  ): Promise<ObservedSource> {
    const { known, clock, log, endedAfterMs, readBackTurns } = this.#rooms
    const { threadId } = thread
    const checkpoint = await known.checkpointOf(threadId)
    const connector = await ObservedConnector.open({
      codexHome: this.codexHome,
      thread,
      checkpoint,
      readBackTurns: knowsPast && checkpoint === null ? readBackTurns : 0,
      sink: {
        receive: (event) => sink.receive(event),
        receiveAll: (batch) => sink.receiveAll(batch),
        closed: (cause) => {
          this.#observers.delete(threadId)
          sink.closed(cause)
        },
      },
      clock,
      log,
      endedAfterMs,
    })
    this.#observers.set(threadId, connector)
    const detach = connector.detach.bind(connector)
    // However the session lets go of it, changes are not reported to it any more.
    connector.detach = async () => {
      if (this.#observers.get(threadId) === connector) this.#observers.delete(threadId)
      await detach()
    }
    return connector
  }

  /** Nothing is behind a session any more. @param asked its owner wanted that; what is on disk now is known */
  async rested(session: Session, asked: boolean): Promise<void> {
    const { threadId } = session.summary
    if (threadId === null) return
    await (this.threadOf(threadId) ? this.#watcher.lookAt(threadId) : this.#watcher.sweep())
    const thread = this.threadOf(threadId)
    if (!thread) return
    if (!asked) {
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

  /** Read what a session that somebody opens lacks. */
  async readUp(session: Session): Promise<void> {
    const { threadId } = session.summary
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
      this.#observers.get(event.threadId)?.gone()
      this.#rooms.known.remove(event.threadId)
      return
    }
    const { thread } = event
    this.#observers.get(thread.threadId)?.changed(thread)
    this.#queue.add(thread.threadId, thread.modifiedAt)
  }

  async #lookSafely(threadId: string): Promise<void> {
    try {
      await this.#look(threadId)
    } catch (error) {
      this.#rooms.log.warn(
        { err: error, threadId, codexHome: this.codexHome },
        'a rollout could not be looked at; it is tried again when it changes',
      )
    }
  }

  async #look(threadId: string): Promise<void> {
    const { registry, known, log } = this.#rooms
    // A thread that nobody knows may be one of ours, whose name is still on its way.
    if (!registry.byThread(threadId)) await registry.startsSettled()
    const thread = this.threadOf(threadId)
    if (!thread) return
    const session = registry.byThread(threadId)
    const stored = known.get(threadId)
    const stamp = stampOf(thread)
    if (session && session.summary.archived !== thread.isArchived && !session.isBusy)
      session.record.patchSummary({ archived: thread.isArchived })
    // Ours, or being read already: what happens in it reaches the session through its door.
    if (session?.isBusy) return
    if (stored?.sessionId === null && !session) return
    const isChanged = stored !== undefined && stored.stamp !== stamp
    if (session && !isChanged && stored !== undefined && !(await this.#isHeld(thread))) return
    const entry = { threadId, codexHome: this.codexHome, stamp, readStamp: stored?.readStamp ?? null }
    if (session && session.summary.counters.turns > 0) {
      known.put({ ...entry, sessionId: session.id })
      // Its turns are known; what others added is compared with them.
      if (isChanged || (await this.#isHeld(thread))) await registry.open(session.id, 'observe')
      return
    }
    const outline = await outlineThread(threadId, thread.paths)
    const names = await this.#readNames()
    if (outline.origin.parentThreadId !== null) {
      known.put({ ...entry, sessionId: null })
      return
    }
    const facts = {
      codexHome: this.codexHome,
      outline,
      name: names.get(threadId) ?? null,
      isArchived: thread.isArchived,
    }
    // Between the first look and now the hub may have come to know it.
    const owner = registry.byThread(threadId)
    if (owner?.isBusy) return
    let sessionId = owner?.id
    if (owner) owner.record.patchSummary(outlinePatch(owner.summary, facts))
    else {
      sessionId = mintId('ses', this.#rooms.clock.now())
      registry.adopt(adoptedSession(sessionId, facts))
      log.debug({ threadId, sessionId }, 'a session others started was adopted')
    }
    known.put({ ...entry, sessionId: sessionId as string })
    if (await this.#isLive(thread)) {
      await registry.open(sessionId as string, 'observe')
      registry.lookAtGit(sessionId as string)
    }
  }

  /** Somebody writes it now, or did a moment ago. */
  async #isLive(thread: WatchedThread): Promise<boolean> {
    const { clock, endedAfterMs } = this.#rooms
    return clock.now() - thread.modifiedAt < endedAfterMs || (await this.#isHeld(thread))
  }

  /** Looks for a lock file first: asking the system for thousands of files would take seconds. */
  async #isHeld({ threadId, paths }: WatchedThread): Promise<boolean> {
    const { clock } = this.#rooms
    if (!this.#locked || clock.now() - this.#locked.at > NAMES_MS)
      this.#locked = { at: clock.now(), threads: listLockedThreads(this.codexHome) }
    if (!(await this.#locked.threads).has(threadId)) return false
    return (await readWriterLock(this.codexHome, threadId, paths)).state === 'held'
  }

  #readNames(): Promise<Map<string, string>> {
    const { clock } = this.#rooms
    if (!this.#names || clock.now() - this.#names.at > NAMES_MS)
      this.#names = { at: clock.now(), names: readThreadNames(this.codexHome) }
    return this.#names.names
  }
}
