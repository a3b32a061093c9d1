/**
 * Reads a rollout to its end, again whenever it grew, and hands over each batch with its place. One reading at a time; it
 * owns the time of the next one, and a failure only puts that off. What the state of the session is, it does not judge.
 */
import type { Clock, Timer } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { BatchSink } from '../connector.ts'
import type { RolloutReader } from './reader.ts'
import { stampOf, type WatchedThread } from './thread-files.ts'

export interface FollowingOptions {
  readonly reader: Pick<RolloutReader, 'read' | 'follow' | 'close'>
  readonly thread: WatchedThread
  readonly sink: BatchSink
  readonly clock: Clock
  readonly log: Log
  /** Called when all there is was read. @returns after how long to look again. Milliseconds; null for no more */
  atEnd(): Promise<number | null>
}

/** A file that could not be read is tried again after this long. Milliseconds. */
const RETRY_MS = 5_000
/** Progress is told where there is more than this to read. Bytes. */
const PROGRESS_BYTES = 2 * 1024 * 1024

export class Following {
  readonly #options: FollowingOptions
  readonly #caughtUp = Promise.withResolvers<void>()
  readonly #judged = Promise.withResolvers<void>()
  #thread: WatchedThread
  #timer: Timer | null = null
  #hasBegun = false
  #isOver = false
  #isReading = false
  #isStale = true
  #isProgressTold = false
  #problem: string | null = null

  constructor(options: FollowingOptions) {
    this.#options = options
    this.#thread = options.thread
  }

  get thread(): WatchedThread {
    return this.#thread
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Settled once everything that was there has been handed over, or nothing more will be. */
  get caughtUp(): Promise<void> {
    return this.#caughtUp.promise
  }

  /** Settled once it was judged for the first time, or nothing more will be. */
  get judged(): Promise<void> {
    return this.#judged.promise
  }

  /** The files changed, moved or were written to. */
  changed(thread: WatchedThread): void {
    this.#thread = thread
    this.#options.reader.follow(thread.paths)
    this.#isStale = true
    // Before the first look whoever follows still compares the past with what it knows.
    if (this.#hasBegun) void this.look()
  }

  /** Read what is new, then judge. Never rejects. */
  async look(): Promise<void> {
    if (this.#isReading || this.#isOver) return
    this.#hasBegun = true
    this.#isReading = true
    this.#timer?.cancel()
    let ms: number | null
    let isWhole = false
    try {
      while (this.#isStale && !this.#isOver) {
        this.#isStale = false
        await this.#readToEnd()
      }
      this.#problem = null
      ms = await this.#options.atEnd()
      this.#judged.resolve()
      isWhole = true
    } catch (error) {
      this.#failed(error)
      ms = RETRY_MS
    } finally {
      this.#isReading = false
      // What was being read when it was stopped has been opened, or kept open, since.
      if (this.#isOver) await this.#options.reader.close().catch(() => {})
    }
    if (this.#isOver || ms === null) return
    // What came while it was judged is read at once; what cannot be read is left alone for a while.
    if (isWhole && this.#isStale) void this.look()
    else this.#timer = this.#options.clock.after(ms, () => void this.look())
  }

  async stop(): Promise<void> {
    this.#isOver = true
    this.#caughtUp.resolve()
    this.#judged.resolve()
    this.#timer?.cancel()
    await this.#options.reader.close()
  }

  async #readToEnd(): Promise<void> {
    const { reader, sink } = this.#options
    const stamp = stampOf(this.#thread)
    for (;;) {
      const { events, state, restarted, atEnd, bytes } = await reader.read()
      if (this.#isOver) return
      if (events.length > 0 || bytes > 0 || restarted || atEnd)
        sink.receiveAll({
          events,
          checkpoint: state,
          at: state.parser.lastAt,
          stamp: atEnd ? stamp : null,
          startsOver: restarted,
        })
      this.#tellProgress(state.offset, atEnd)
      if (!atEnd) continue
      this.#caughtUp.resolve()
      return
    }
  }

  #tellProgress(read: number, atEnd: boolean): void {
    const total = this.#thread.bytes
    if (!atEnd && total - read > PROGRESS_BYTES) {
      this.#isProgressTold = true
      this.#options.sink.receive({ type: 'progress', progress: { read, total } })
    } else if (atEnd && this.#isProgressTold) {
      this.#isProgressTold = false
      this.#options.sink.receive({ type: 'progress', progress: null })
    }
  }

  #failed(error: unknown): void {
    this.#caughtUp.resolve()
    this.#judged.resolve()
    this.#isStale = true
    const message = error instanceof Error ? error.message : String(error)
    if (this.#problem === message) return
    this.#problem = message
    const { log, sink } = this.#options
    log.warn({ err: error, threadId: this.#thread.threadId }, 'a rollout could not be read')
    sink.receive({ type: 'warning', message: `The session's rollout could not be read: ${message}` })
  }
}
