/** The threads of one home that are being read as they grow, and how each of them is opened. */
import { outlineThread } from '../../connectors/rollout/head-tail.ts'
import { ObservedConnector } from '../../connectors/rollout/observed.ts'
import type { Base } from '../../connectors/rollout/segments.ts'
import type { WatchedThread } from '../../connectors/rollout/thread-files.ts'
import type { ForeignDoors } from '../session/foreign-doors.ts'
import type { AdoptionRooms } from './adoption.ts'

/** Forks of forks are followed this far up. */
const MAX_BASES = 32

export class Observers {
  readonly #codexHome: string
  readonly #rooms: AdoptionRooms
  readonly #threadOf: (threadId: string) => WatchedThread | null
  readonly #open = new Map<string, ObservedConnector>()

  constructor(codexHome: string, rooms: AdoptionRooms, threadOf: (threadId: string) => WatchedThread | null) {
    this.#codexHome = codexHome
    this.#rooms = rooms
    this.#threadOf = threadOf
  }

  get size(): number {
    return this.#open.size
  }

  changed(thread: WatchedThread): void {
    this.#open.get(thread.threadId)?.changed(thread)
  }

  gone(threadId: string): void {
    this.#open.get(threadId)?.gone()
  }

  /** See `ForeignDoors.observe`. @throws the system's error when the rollout cannot be read */
  async open(
    thread: WatchedThread,
    { sink, knowsPast }: Parameters<ForeignDoors['observe']>[1],
  ): Promise<ObservedConnector> {
    const { known, clock, log, endedAfterMs, readBackTurns } = this.#rooms
    const { threadId } = thread
    const checkpoint = await known.checkpointOf(threadId)
    const connector = await ObservedConnector.open({
      codexHome: this.#codexHome,
      thread,
      bases: await this.#basesOf(thread),
      checkpoint,
      readBackTurns: knowsPast && checkpoint === null ? readBackTurns : 0,
      sink: {
        receive: (event) => sink.receive(event),
        receiveAll: (batch) => sink.receiveAll(batch),
        closed: (cause) => {
          this.#open.delete(threadId)
          sink.closed(cause)
        },
      },
      clock,
      log,
      endedAfterMs,
    })
    this.#open.set(threadId, connector)
    const detach = connector.detach.bind(connector)
    // However the session lets go of it, changes are not reported to it any more.
    connector.detach = async () => {
      if (this.#open.get(threadId) === connector) this.#open.delete(threadId)
      await detach()
    }
    // While its past was read it was reported to nobody.
    const now = this.#threadOf(threadId)
    if (now === null) connector.gone()
    else if (now !== thread) connector.changed(now)
    return connector
  }

  /** What a thread was forked from, the oldest first. One whose rollout is gone ends the chain. */
  async #basesOf(thread: WatchedThread): Promise<readonly Base[]> {
    const bases: Base[] = []
    let { base } = (await outlineThread(thread.threadId, thread.paths)).origin
    let endOrdinal = Number.POSITIVE_INFINITY
    while (base && bases.length < MAX_BASES) {
      const from = this.#threadOf(base.threadId)
      // A base in the thread itself is a revert, which its later file tells.
      if (!from || from.threadId === thread.threadId) break
      endOrdinal = Math.min(endOrdinal, base.endOrdinal)
      bases.unshift({ threadId: from.threadId, paths: from.paths, endOrdinal })
      base = (await outlineThread(from.threadId, from.paths)).origin.base
    }
    return bases
  }
}
