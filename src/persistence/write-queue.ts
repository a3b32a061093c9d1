/**
 * The changes not yet committed, in the order they were written, as a row of batches. A batch is one transaction; a
 * batch that failed stays at the head and is tried again as it is, and nothing behind it overtakes it.
 * **Invariant:** changes merge only within one batch. So after a crash the database holds what was true at some moment,
 * never a later change without an earlier one.
 */
import type { Clock, Timer } from '../base/clock.ts'
import type { Entry } from './entry.ts'
import type { Cell } from './operations.ts'
import { StoreError } from './store-error.ts'

/** This many changes are worth a transaction … */
const DUE_CHANGES = 50
/** … or this much waiting. */
const DUE_MS = 100
/** While one transaction runs the next batch grows, up to here; what comes then waits for the one after. */
const FULL_CHANGES = 1_000
const FULL_BYTES = 1024 * 1024

const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 5_000

interface Waiter {
  resolve(): void
  reject(error: StoreError): void
}

class Batch {
  readonly entries = new Map<string, Entry>()
  readonly scopes = new Set<string>()
  readonly waiters: Waiter[] = []
  bytes = 0
  isSealed = false

  add(entry: Entry): void {
    const replaced = this.entries.get(entry.key)
    if (replaced) {
      this.bytes -= replaced.bytes
      // After a barrier of the same call it must not take the place it had before that.
      if (this.isSealed) this.entries.delete(entry.key)
    }
    this.entries.set(entry.key, entry)
    this.bytes += entry.bytes
    for (const scope of entry.scopes) this.scopes.add(scope)
    if (entry.isBarrier || this.entries.size >= FULL_CHANGES || this.bytes >= FULL_BYTES) this.isSealed = true
  }

  get isDue(): boolean {
    return this.isSealed || this.waiters.length > 0 || this.entries.size >= DUE_CHANGES
  }

  cells(): Cell[] {
    const cells: Cell[] = []
    for (const entry of this.entries.values()) cells.push(...entry.cells)
    return cells
  }
}

export interface WriteQueueOptions {
  readonly clock: Clock
  /** Writes one batch in one transaction. @throws StoreError when nothing of it was written. */
  readonly send: (cells: readonly Cell[]) => Promise<{ readonly ms: number }>
  /** Told once when writing begins to fail, and with null when it works again. */
  readonly onFault: (fault: StoreError | null) => void
}

export class WriteQueue {
  readonly #options: WriteQueueOptions
  readonly #batches: Batch[] = []
  #isSending = false
  #timer: Timer | null = null
  #fault: StoreError | null = null
  #retries = 0
  #flushes = 0
  #failedFlushes = 0
  #lastFlushMs = 0
  #maxFlushMs = 0

  constructor(options: WriteQueueOptions) {
    this.#options = options
  }

  add(entries: readonly Entry[]): void {
    if (entries.length === 0) return
    let batch = this.#batches.at(-1)
    if (!batch || batch.isSealed) {
      batch = new Batch()
      this.#batches.push(batch)
    }
    // What is added in one call is committed in one transaction, also where that makes a batch too large.
    for (const entry of entries) batch.add(entry)
    this.#schedule()
  }

  /** Resolves once everything added so far is committed. During an outage it tries at once. */
  flush(): Promise<void> {
    const last = this.#batches.at(-1)
    if (!last) return Promise.resolve()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    last.waiters.push({ resolve, reject })
    void this.#sendHead()
    return promise
  }

  /** Whether something a read of these scopes should see is not committed yet. */
  concerns(scope: string): boolean {
    return this.#batches.some((batch) => batch.scopes.has(scope))
  }

  /** Give up waiting; for closing. */
  stop(): void {
    this.#timer?.cancel()
    this.#timer = null
  }

  stats() {
    let queuedChanges = 0
    let queuedBytes = 0
    for (const batch of this.#batches) {
      queuedChanges += batch.entries.size
      queuedBytes += batch.bytes
    }
    return {
      queuedChanges,
      queuedBytes,
      flushes: this.#flushes,
      failedFlushes: this.#failedFlushes,
      lastFlushMs: this.#lastFlushMs,
      maxFlushMs: this.#maxFlushMs,
    }
  }

  #schedule(): void {
    const [head] = this.#batches
    if (!head || this.#isSending) return
    if (this.#fault) this.#arm(Math.min(FIRST_RETRY_MS * 2 ** (this.#retries - 1), LAST_RETRY_MS))
    else if (head.isDue) void this.#sendHead()
    else this.#arm(DUE_MS)
  }

  #arm(ms: number): void {
    this.#timer ??= this.#options.clock.after(ms, () => {
      this.#timer = null
      void this.#sendHead()
    })
  }

  async #sendHead(): Promise<void> {
    const [head] = this.#batches
    if (!head || this.#isSending) return
    this.stop()
    this.#isSending = true
    // From here it may be on disk already when its answer is lost: it is repeated unchanged or not at all.
    head.isSealed = true
    const outcome = await this.#options.send(head.cells()).catch((error: unknown) => ({ error }))
    this.#isSending = false
    if ('error' in outcome) this.#failed(outcome.error)
    else this.#committed(head, outcome.ms)
    this.#schedule()
  }

  #committed(batch: Batch, ms: number): void {
    this.#batches.shift()
    this.#flushes += 1
    this.#lastFlushMs = ms
    this.#maxFlushMs = Math.max(this.#maxFlushMs, ms)
    this.#retries = 0
    for (const waiter of batch.waiters) waiter.resolve()
    if (this.#fault) {
      this.#fault = null
      this.#options.onFault(null)
    }
  }

  #failed(error: unknown): void {
    const fault =
      error instanceof StoreError
        ? error
        : new StoreError('failed', `Writing to the store failed: ${error}`, {}, { cause: error })
    const isNew = this.#fault === null
    this.#fault = fault
    this.#failedFlushes += 1
    this.#retries += 1
    for (const batch of this.#batches) for (const waiter of batch.waiters.splice(0)) waiter.reject(fault)
    if (isNew) this.#options.onFault(fault)
  }
}
