/** When to try again at a daemon that did not answer: later each time, and at once at the next daemon. */
import type { Clock } from '../../base/clock.ts'

const FIRST_MS = 500
const LAST_MS = 60_000

export class Retries {
  readonly #clock: Clock
  /** The run of a daemon that is tried. */
  #instance: string | null = null
  #times = 0
  #at = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get times(): number {
    return this.#times
  }

  /** How long to wait before this run of a daemon is tried; 0 at once. */
  waitMs(instance: string): number {
    if (instance !== this.#instance) this.#times = 0
    return this.#times === 0 ? 0 : Math.max(0, this.#at - this.#clock.now())
  }

  /** @returns after how long to try again */
  failed(instance: string): number {
    this.#times = instance === this.#instance ? this.#times + 1 : 1
    this.#instance = instance
    const longestMs = Math.min(FIRST_MS * 2 ** (this.#times - 1), LAST_MS)
    // Jitter: several hubs, or one with many homes, must not knock at the same moment.
    const ms = longestMs * (0.5 + Math.random() / 2)
    this.#at = this.#clock.now() + ms
    return ms
  }

  succeeded(): void {
    this.#times = 0
  }
}
