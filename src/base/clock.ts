/** Time as an argument: whoever needs the hour or a timer takes a `Clock`, and tests move it by hand. */

export interface Timer {
  cancel(): void
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Call `run` once after `ms`. The timer does not keep the process alive. */
  after(ms: number, run: () => void): Timer
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    timer.unref?.()
    return { cancel: () => clearTimeout(timer) }
  },
}

/** For programs that wait on purpose: its timers keep the process alive until they fire or are cancelled. */
export const holdingClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return { cancel: () => clearTimeout(timer) }
  },
}
