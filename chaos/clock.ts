/** Time as the rounds need it: faster than the day. */
import type { Clock } from '../src/base/clock.ts'

/** A clock that runs `speed` times as fast as the day. Its timers keep the process alive. */
export function fastClock(speed: number): Clock {
  const start = Date.now()
  return {
    now: () => start + (Date.now() - start) * speed,
    after(ms, run) {
      const timer = setTimeout(run, ms / speed)
      return { cancel: () => clearTimeout(timer) }
    },
  }
}
