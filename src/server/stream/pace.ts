/**
 * Decides whether a delta leaves at once or is gathered. A trickle is never held back; in a burst the first few leave
 * at once and the rest share a frame per window.
 */

/** One window, in milliseconds: about a frame of a screen. */
export const WINDOW_MS = 16
/** So many deltas may leave at once in each window. */
const AT_ONCE = 2

export class Pace {
  #windowStart = Number.NEGATIVE_INFINITY
  #arrivals = 0
  #atOnce = AT_ONCE

  /** Count an arrival. @returns 0 to send at once, else how many milliseconds to gather. */
  holdMs(now: number): number {
    if (now - this.#windowStart >= WINDOW_MS) {
      // After a window that was a burst of its own the next one gathers from its beginning, and only that one.
      const wasBurst = this.#arrivals > AT_ONCE && now - this.#windowStart < 2 * WINDOW_MS
      this.#atOnce = wasBurst ? 0 : AT_ONCE
      this.#windowStart = now
      this.#arrivals = 0
    }
    this.#arrivals += 1
    return this.#arrivals <= this.#atOnce ? 0 : WINDOW_MS - (now - this.#windowStart)
  }
}
