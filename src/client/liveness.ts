/**
 * Whether the other side is still there. Silence for one heartbeat is asked about; two questions without an answer
 * are death. **Invariant:** a timer that fires late proves nothing: the tab was throttled or the machine slept, and
 * answers may wait unread behind that very timer. Such a tick starts the count over.
 */
import type { Clock, Timer } from '../base/clock.ts'

/** How long a check after a hint waits for its answer. */
export const CHECK_MS = 3_000
/** A timer is late when it fires this much after its time. */
export const LATE_MS = 1_000
const MISSES_ALLOWED = 2

export interface LivenessOptions {
  readonly clock: Clock
  readonly heartbeatMs: number
  /** Ask the other side for any answer. */
  ping(): Promise<unknown>
  dead(why: string): void
}

export class Liveness {
  readonly #options: LivenessOptions
  #heardAt: number
  #asked = 0
  #beat: Timer | null = null
  #check: Timer | null = null
  #stopped = false

  constructor(options: LivenessOptions) {
    this.#options = options
    this.#heardAt = options.clock.now()
    this.#arm(options.heartbeatMs)
  }

  /** Something, anything, was received. Cheap: called for every frame. */
  heard(): void {
    this.#heardAt = this.#options.clock.now()
    this.#asked = 0
  }

  /** Ask at once and be impatient; `alive` is called when the answer comes. A check under way is not repeated. */
  check(alive: () => void): void {
    if (this.#stopped || this.#check) return
    const { clock } = this.#options
    const dueAt = clock.now() + CHECK_MS
    this.#check = clock.after(CHECK_MS, () => {
      this.#check = null
      if (clock.now() > dueAt + LATE_MS) this.check(alive)
      else this.#die(`no answer within ${CHECK_MS} ms after the page came back`)
    })
    const mine = this.#check
    this.#options.ping().then(
      () => {
        if (this.#check !== mine) return
        mine.cancel()
        this.#check = null
        alive()
      },
      // The connection ended meanwhile: its end is told elsewhere.
      () => {},
    )
  }

  stop(): void {
    this.#stopped = true
    this.#beat?.cancel()
    this.#check?.cancel()
    this.#check = null
  }

  #arm(ms: number): void {
    const dueAt = this.#options.clock.now() + ms
    this.#beat = this.#options.clock.after(ms, () => this.#tick(dueAt))
  }

  #tick(dueAt: number): void {
    if (this.#stopped) return
    const { clock, heartbeatMs } = this.#options
    const silentMs = clock.now() - this.#heardAt
    if (clock.now() > dueAt + LATE_MS) this.#asked = 0
    if (silentMs < heartbeatMs) {
      this.#arm(heartbeatMs - silentMs)
    } else if (this.#asked < MISSES_ALLOWED) {
      this.#asked += 1
      this.#options.ping().catch(() => {})
      this.#arm(heartbeatMs)
    } else {
      this.#die(`silent for ${silentMs} ms, two pings unanswered`)
    }
  }

  #die(why: string): void {
    this.stop()
    this.#options.dead(why)
  }
}
