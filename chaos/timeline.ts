/** What was done and what befell the hub in a round, in order: told when a promise was broken, so that the round explains itself. */

import { loadavg } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'

/** A round that goes wrong may go on for long; how it began matters most. */
const MOST_LINES = 600
const MOST_LENGTH = 400

export class Timeline {
  readonly #begin = performance.now()
  readonly #lines: string[] = []
  readonly #delay = monitorEventLoopDelay()

  constructor() {
    this.#delay.enable()
  }

  /** @param text one line; of a longer one the beginning is kept */
  note(text: string): void {
    if (this.#lines.length >= MOST_LINES) return
    const ms = Math.round(performance.now() - this.#begin)
    this.#lines.push(`${String(ms).padStart(6)} ${text.slice(0, MOST_LENGTH)}`)
  }

  /** How busy the machine was: what no program does is not what a busy machine delays. */
  machine(): string {
    this.#delay.disable()
    const load = loadavg().map((each) => each.toFixed(1))
    return `load ${load.join(' ')}; the runner stood still for at most ${Math.round(this.#delay.max / 1e6)} ms`
  }

  get lines(): readonly string[] {
    return this.#lines
  }
}
