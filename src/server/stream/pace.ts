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

  /** Count an arrival. @returns 0 to send at once, else how many milliseconds to gather. */
  holdMs(now: number): number {
    if (now - this.#windowStart >= WINDOW_MS) {
      // A window that was busy to its end keeps the burst going: its successor starts gathering.
      const isBurst = this.#arrivals > AT_ONCE && now - this.#windowStart < 2 * WINDOW_MS
      this.#windowStart = now
      this.#arrivals = isBurst ? AT_ONCE : 0
    }
    this.#arrivals += 1
    return this.#arrivals <= AT_ONCE ? 0 : WINDOW_MS - (now - this.#windowStart)
  }
}
