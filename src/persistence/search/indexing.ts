/**
 * Paces the indexing of what was written: soon after it, in small steps with room between them for everybody else.
 * Its failures cost nothing: what waits goes on waiting, and the next commit tries again.
 */
import type { Clock, Timer } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { StoreThread } from '../thread.ts'
import { pendingCount } from './queries.ts'

/** How long a commit waits for others before its texts are indexed. Milliseconds. */
const SOON_MS = 100
/** Steps take a tenth of the thread of the store at most. */
const REST = 9
/** A search first has so many steps done, so that it finds what was just said. */
const STEPS_BEFORE_SEARCH = 4

export class Indexing {
  readonly #thread: StoreThread
  readonly #clock: Clock
  readonly #log: Log
  #timer: Timer | null = null
  #isStopped = false

  constructor(thread: StoreThread, clock: Clock, log: Log) {
    this.#thread = thread
    this.#clock = clock
    this.#log = log
  }

  /** Something was committed, or may be left from an earlier hub. */
  wake(): void {
    if (!this.#isStopped) this.#timer ??= this.#clock.after(SOON_MS, () => void this.#step())
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
  }

  /** Index what waits, as far as a search may wait for it. @throws StoreError */
  async hurry(): Promise<void> {
    for (let step = 0; step < STEPS_BEFORE_SEARCH; step += 1) {
      const { indexed } = await this.#thread.request({ kind: 'index' })
      if (indexed === 0) return
    }
    this.wake()
  }

  /** How many texts wait. @throws StoreError */
  async waiting(): Promise<number> {
    const { sql, parameters } = pendingCount().compile()
    const { rows } = await this.#thread.request({ kind: 'read', sql, parameters })
    return (rows as { pending: number }[])[0]?.pending ?? 0
  }

  async #step(): Promise<void> {
    let pauseMs: number | null = null
    try {
      const { indexed, ms } = await this.#thread.request({ kind: 'index' })
      if (indexed > 0) pauseMs = Math.max(1, ms * REST)
    } catch (error) {
      this.#log.debug({ error }, 'indexing failed; what waits is indexed later')
    }
    this.#timer = null
    if (pauseMs !== null && !this.#isStopped)
      this.#timer = this.#clock.after(pauseMs, () => void this.#step())
  }
}
