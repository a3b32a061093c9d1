/** How often an agent may do something: a bucket that refills steadily. In memory; a new hub begins with full ones. */
import type { Clock } from '../../base/clock.ts'

export class Limits {
  readonly #clock: Clock
  readonly #most: number
  readonly #perMs: number
  readonly #levels = new Map<string, { left: number; at: number }>()

  /** `most` at once, and as many again in `periodMs`. */
  constructor(clock: Clock, most: number, periodMs: number) {
    this.#clock = clock
    this.#most = most
    this.#perMs = most / periodMs
  }

  /** @returns 0 when it may be done, and is counted; otherwise after how many milliseconds */
  take(name: string): number {
    const now = this.#clock.now()
    const known = this.#levels.get(name) ?? { left: this.#most, at: now }
    const left = Math.min(this.#most, known.left + (now - known.at) * this.#perMs)
    if (left < 1) {
      this.#levels.set(name, { left, at: now })
      return Math.ceil((1 - left) / this.#perMs)
    }
    this.#levels.set(name, { left: left - 1, at: now })
    return 0
  }
}
