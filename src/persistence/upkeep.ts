/**
 * Keeps the write-ahead log short and the receipts few, at times when nobody waits. Its failures cost nothing: they are
 * noted and the next round tries again.
 */
import type { Clock, Timer } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Request } from './messages.ts'
import { pruneAudit, pruneByAge, pruneByCount } from './queries.ts'
import type { StoreThread } from './thread.ts'

const CHECKPOINT_MS = 10_000
const PRUNE_MS = 60 * 60 * 1_000
/** How long a repeated command still gets its first answer, and how many answers are kept at most. */
export const RECEIPT_AGE_MS = 7 * 24 * 60 * 60 * 1_000
export const RECEIPTS_KEPT = 100_000
/** How many calls of agents can be looked up. */
export const AUDIT_KEPT = 50_000

export class Upkeep {
  readonly #thread: StoreThread
  readonly #clock: Clock
  readonly #log: Log
  #hasCommitted = false
  #checkpointTimer: Timer | null = null
  #pruneTimer: Timer | null = null

  constructor(thread: StoreThread, clock: Clock, log: Log) {
    this.#thread = thread
    this.#clock = clock
    this.#log = log
  }

  /** Something was committed: there will be something to check point. */
  committed(): void {
    this.#hasCommitted = true
    this.#checkpointTimer ??= this.#clock.after(CHECKPOINT_MS, () => this.#checkpoint())
  }

  /** Remove old receipts and calls now and every hour. */
  prune(): void {
    const before = this.#clock.now() - RECEIPT_AGE_MS
    for (const query of [pruneByAge(before), pruneByCount(RECEIPTS_KEPT), pruneAudit(AUDIT_KEPT)]) {
      const { sql, parameters } = query.compile()
      this.#ask({ kind: 'run', sql, parameters })
    }
    this.#pruneTimer = this.#clock.after(PRUNE_MS, () => this.prune())
  }

  stop(): void {
    this.#checkpointTimer?.cancel()
    this.#pruneTimer?.cancel()
  }

  /** While there is writing, only what costs nobody anything; after a quiet round the log is emptied. */
  #checkpoint(): void {
    this.#checkpointTimer = null
    const wasBusy = this.#hasCommitted
    this.#hasCommitted = false
    this.#ask({ kind: 'checkpoint', mode: wasBusy ? 'passive' : 'truncate' })
    if (wasBusy) this.#checkpointTimer = this.#clock.after(CHECKPOINT_MS, () => this.#checkpoint())
  }

  #ask(request: Request): void {
    this.#thread.request(request).catch((error: unknown) => {
      this.#log.debug({ error, request: request.kind }, 'upkeep of the store failed; it is tried again later')
    })
  }
}
