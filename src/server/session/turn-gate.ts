/** One prompt at a time: who may start a turn, and who waits for one to end. */
import type { Clock } from '../../base/clock.ts'
import { HubError } from '../../protocol/errors.ts'
import type { Turn } from '../../protocol/turn.ts'

export class TurnGate {
  /** The turn that is known to run; undefined while nobody can tell. */
  readonly #running: () => Turn | undefined
  readonly #waits = new Set<() => void>()
  readonly #released: () => void
  #isTaken = false

  /** @param released somebody gave the right to start a turn back, whether or not one was started */
  constructor(running: () => Turn | undefined, released: () => void = () => {}) {
    this.#running = running
    this.#released = released
  }

  /**
   * Take the right to start a turn until the returned function is called.
   * @throws HubError `notPossible` while a turn runs or another one is being started
   */
  reserve(): () => void {
    if (this.#isTaken) throw turnInProgress(null)
    this.refuse()
    this.#isTaken = true
    return () => {
      this.#isTaken = false
      this.#released()
    }
  }

  /** Nobody is about to start a turn. */
  get isFree(): boolean {
    return !this.#isTaken
  }

  /** No turn is known to run. */
  get isIdle(): boolean {
    return this.#running() === undefined
  }

  /** @throws HubError `notPossible` while a turn runs: Codex would fold a second prompt into it. */
  refuse(): void {
    const running = this.#running()
    if (running) throw turnInProgress(running.id)
  }

  /** Resolves when the turn is over, or after `limitMs`. */
  ended(turnId: string, limitMs: number, clock: Clock): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        timer.cancel()
        this.#waits.delete(check)
        resolve()
      }
      const check = (): void => {
        if (this.#running()?.id !== turnId) done()
      }
      const timer = clock.after(limitMs, done)
      this.#waits.add(check)
      check()
    })
  }

  /** Resolves with the turn that runs, once one does; with null when none does after `limitMs`. */
  begun(limitMs: number, clock: Clock): Promise<string | null> {
    return new Promise((resolve) => {
      const done = (turnId: string | null): void => {
        timer.cancel()
        this.#waits.delete(check)
        resolve(turnId)
      }
      const check = (): void => {
        const running = this.#running()
        if (running) done(running.id)
      }
      const timer = clock.after(limitMs, () => done(null))
      this.#waits.add(check)
      check()
    })
  }

  /** Something changed that may have begun or ended a turn. */
  look(): void {
    for (const check of this.#waits) check()
  }
}

export function turnInProgress(turnId: string | null): HubError {
  return new HubError('notPossible', 'A turn is running; wait for its end or interrupt it.', {
    reason: 'turnInProgress',
    turnId,
  })
}
