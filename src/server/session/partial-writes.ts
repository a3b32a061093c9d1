/**
 * How often texts that still grow are written: once a second where few sessions stream, and more seldom the more of them do,
 * so that hundreds cost the disk no more than a hundred. A text that ends is written at once, whatever this says.
 */
import type { Clock, Timer } from '../../base/clock.ts'

const AT_LEAST_MS = 1_000
/** Of all sessions together. */
const PER_SECOND = 100

export class PartialWrites {
  readonly #clock: Clock
  #waiting = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Call `run` when it is this session's turn. The answer is to be cancelled or to have run. */
  after(run: () => void): Timer {
    this.#waiting += 1
    const ms = Math.max(AT_LEAST_MS, (this.#waiting * 1_000) / PER_SECOND)
    let isOver = false
    const over = (): void => {
      if (!isOver) this.#waiting -= 1
      isOver = true
    }
    const timer = this.#clock.after(ms, () => {
      over()
      run()
    })
    return {
      cancel: () => {
        over()
        timer.cancel()
      },
    }
  }
}
