/** How long to wait before the next try: full jitter under an exponentially growing ceiling, without an end. */

export const BACKOFF_BASE_MS = 250
export const BACKOFF_CAP_MS = 15_000

export class Backoff {
  readonly #random: () => number
  #tries = 0

  /** `random` gives numbers in [0, 1). */
  constructor(random: () => number) {
    this.#random = random
  }

  /** Milliseconds to wait now; each call raises the ceiling of the next. */
  next(): number {
    // The exponent is bounded so that days offline do not overflow it.
    const ceiling = Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** Math.min(this.#tries, 30))
    this.#tries += 1
    return Math.floor(this.#random() * ceiling)
  }

  reset(): void {
    this.#tries = 0
  }
}
