/** The hub's clock with a hand on it: its hour is set forward and back, and time is slept through. */
import { type Clock, systemClock, type Timer } from '../../src/base/clock.ts'

interface Waiting {
  dueAt: number
  readonly run: () => void
  timer: Timer
}

export class SetClock implements Clock {
  /** What `now` is off by. */
  #offset = 0
  /** How much was slept. */
  #slept = 0
  readonly #waiting = new Set<Waiting>()

  now(): number {
    return systemClock.now() + this.#offset
  }

  after(ms: number, run: () => void): Timer {
    const timer = systemClock.after(ms, () => this.#fire(waiting))
    const waiting: Waiting = { dueAt: this.#time + ms, run, timer }
    this.#waiting.add(waiting)
    return {
      cancel: () => {
        waiting.timer.cancel()
        this.#waiting.delete(waiting)
      },
    }
  }

  /** Somebody sets the hour; timers go on as they were. */
  jump(ms: number): void {
    this.#offset += ms
  }

  /** The machine sleeps: afterwards everything that fell due meanwhile happens at once. */
  sleep(ms: number): void {
    this.#offset += ms
    this.#slept += ms
    for (const waiting of [...this.#waiting].sort((a, b) => a.dueAt - b.dueAt)) {
      if (!this.#waiting.has(waiting)) continue
      waiting.timer.cancel()
      const leftMs = waiting.dueAt - this.#time
      if (leftMs > 0) waiting.timer = systemClock.after(leftMs, () => this.#fire(waiting))
      else this.#fire(waiting)
    }
  }

  get #time(): number {
    return performance.now() + this.#slept
  }

  #fire(waiting: Waiting): void {
    if (this.#waiting.delete(waiting)) waiting.run()
  }
}
