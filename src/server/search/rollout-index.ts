/**
 * Brings the rollouts of sessions that were never opened here into the index of search: newest first, one after the
 * other, in the background, and slowly where there is other work. What is done is stored with it, so that a restart goes
 * on where it was. A session whose history comes into the store is left to the store.
 */
import type { Clock, Timer } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { stampOf, type WatchedThread } from '../../connectors/rollout/thread-files.ts'
import type { Store } from '../../persistence/store.ts'
import type { IndexedRollout } from '../../persistence/stored.ts'
import type { SearchIndex } from '../../protocol/search.ts'
import type { Adoption } from '../adoption/adoption.ts'
import type { Registry } from '../registry.ts'
import type { Session } from '../session/session.ts'
import type { Piece } from './messages.ts'
import { ReadingThread } from './reading-thread.ts'

export interface RolloutIndexRooms {
  readonly store: Store
  readonly adoption: Adoption
  readonly registry: Registry
  readonly clock: Clock
  readonly log: Log
}

/** How long news wait for others before it is planned anew. Milliseconds. */
const SOON_MS = 1_000
/** The store's thread rests so many times as long as a piece took: a sixth of its time at most. */
const REST = 5
const COUNT_MS = 1_000

interface Waiting {
  readonly thread: WatchedThread
  readonly session: Session
  readonly stamp: string
}

export class RolloutIndex {
  readonly #rooms: RolloutIndexRooms
  readonly #reading = new ReadingThread()
  #indexed: Map<string, IndexedRollout> | null = null
  /** Stamps of those that cannot be read. */
  readonly #unreadable = new Map<string, string>()
  #timer: Timer | null = null
  #running: Promise<void> | null = null
  #counted: { readonly at: number; readonly progress: SearchIndex['rollouts'] } | null = null
  #isClosed = false

  constructor(rooms: RolloutIndexRooms) {
    this.#rooms = rooms
  }

  /** Something may have come that is not indexed. */
  wake(): void {
    if (this.#isClosed || this.#running) return
    this.#timer ??= this.#rooms.clock.after(SOON_MS, () => {
      this.#timer = null
      this.#running = this.#run().finally(() => {
        this.#running = null
      })
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#timer?.cancel()
    await this.#reading.end()
    await this.#running
  }

  /** Counted at most once a second: there may be many thousands, and somebody may search with every key. */
  get progress(): SearchIndex['rollouts'] {
    const now = this.#rooms.clock.now()
    if (!this.#counted || now - this.#counted.at >= COUNT_MS)
      this.#counted = { at: now, progress: this.#count() }
    return this.#counted.progress
  }

  #count(): SearchIndex['rollouts'] {
    const progress = { indexed: 0, total: 0, bytesIndexed: 0, bytesTotal: 0 }
    for (const thread of this.#rooms.adoption.threads()) {
      const need = this.#needOf(thread)
      if (need === 'none') continue
      progress.total += 1
      progress.bytesTotal += thread.bytes
      if (need === 'done') progress.indexed += 1
      if (need === 'done') progress.bytesIndexed += thread.bytes
    }
    return progress
  }

  /** Until nothing waits: what changes meanwhile is found by the next plan. */
  async #run(): Promise<void> {
    try {
      this.#indexed ??= new Map(
        (await this.#rooms.store.loadIndexedRollouts()).map((each) => [each.threadId, each]),
      )
      // Sessions come before what was said in them; when all were looked at this is called again.
      while (!this.#rooms.adoption.isLooking) {
        await this.#forgetOpened()
        const plan = this.#plan()
        if (plan.length === 0) break
        for (const waiting of plan) {
          if (this.#isClosed) return
          // Planned a while ago, perhaps.
          if (this.#needOf(waiting.thread) === 'index') await this.#indexOne(waiting)
        }
      }
    } catch (error) {
      this.#rooms.log.warn({ err: error }, 'indexing for search stopped; it goes on with the next change')
    } finally {
      await this.#reading.end()
    }
  }

  /** Newest first. */
  #plan(): Waiting[] {
    const { adoption, registry } = this.#rooms
    const plan: Waiting[] = []
    for (const thread of adoption.threads()) {
      const session = registry.byThread(thread.threadId)
      if (session && this.#needOf(thread) === 'index') plan.push({ thread, session, stamp: stampOf(thread) })
    }
    return plan.sort((a, b) => b.thread.modifiedAt - a.thread.modifiedAt)
  }

  #needOf(thread: WatchedThread): 'none' | 'unknown' | 'index' | 'done' {
    const { adoption, registry } = this.#rooms
    const { threadId } = thread
    const session = registry.byThread(threadId)
    // One that was not looked at yet; those of subagents, and what nobody can read, are no sessions.
    if (!session) return adoption.isLooking && !adoption.isLookedAt(threadId) ? 'unknown' : 'none'
    if (session.summary.counters.turns > 0 || session.isBusy) return 'none'
    const stamp = stampOf(thread)
    if (this.#unreadable.get(threadId) === stamp) return 'none'
    const known = this.#indexed?.get(threadId)
    const isDone = known?.isWhole === true && known.stamp === stamp && known.sessionId === session.id
    return isDone ? 'done' : 'index'
  }

  async #indexOne({ thread, session, stamp }: Waiting): Promise<void> {
    const { store, log } = this.#rooms
    const { threadId, paths } = thread
    const known = this.#indexed?.get(threadId)
    const half =
      known && !known.isWhole && known.sessionId === session.id ? await store.loadIndexState(threadId) : null
    const state = half?.stamp === stamp ? half.state : null
    let fault: unknown = null
    const keep = async (piece: Piece): Promise<boolean> => {
      try {
        return await this.#store({ ...piece, threadId, sessionId: session.id, stamp }, session)
      } catch (error) {
        fault = error
        return false
      }
    }
    try {
      await this.#reading.read(paths, state, keep)
    } catch (error) {
      if (this.#isClosed) return
      this.#unreadable.set(threadId, stamp)
      log.warn({ err: error, threadId }, 'a rollout could not be read for the index of search')
    }
    if (fault) throw fault
  }

  async #store(piece: Parameters<Store['indexRollout']>[0], session: Session): Promise<boolean> {
    const { store, clock } = this.#rooms
    if (this.#isClosed || session.summary.counters.turns > 0) return false
    const { isWanted, ms } = await store.indexRollout(piece)
    const { threadId, sessionId, stamp, readState } = piece
    if (isWanted) this.#indexed?.set(threadId, { threadId, sessionId, stamp, isWhole: readState === null })
    else this.#unreadable.set(threadId, stamp)
    await new Promise<void>((resolve) => clock.after(ms * REST, resolve))
    return isWanted && !this.#isClosed
  }

  /** Sessions that were opened since: their history is in the store, with the same words. */
  async #forgetOpened(): Promise<void> {
    const { store, registry } = this.#rooms
    for (const { threadId, sessionId } of [...(this.#indexed?.values() ?? [])]) {
      const session = registry.sessionOrNull(sessionId)
      if (session && (session.summary.counters.turns === 0 || session.summary.reading !== null)) continue
      await store.forgetRollout(threadId, sessionId)
      this.#indexed?.delete(threadId)
    }
  }
}
