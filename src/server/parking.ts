/**
 * Keeps the number of living Codex processes small: a session that was idle for long is put away, its process ended and
 * its lock free, and the next prompt takes it out again with its memory. Never one that a terminal is joined to.
 */
import type { Clock, Timer } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { HubError } from '../protocol/errors.ts'
import type { Registry } from './registry.ts'
import type { Session } from './session/session.ts'

export interface ParkingOptions {
  readonly registry: Registry
  readonly clock: Clock
  readonly log: Log
  /** Idle for so long, and a session is put away. Milliseconds; 0: never. */
  readonly parkAfterMs: number
  /** How many processes may live at once; 0: any number. */
  readonly maxProcesses: number
}

const LOOK_MS = 30_000

export class Parking {
  readonly #options: ParkingOptions
  #timer: Timer | null = null
  /** One decision at a time: two new sessions must not be given the same place. */
  #work: Promise<unknown> = Promise.resolve()

  constructor(options: ParkingOptions) {
    this.#options = options
    if (options.parkAfterMs > 0) this.#arm()
  }

  close(): void {
    this.#timer?.cancel()
  }

  /**
   * Have room for one more process, putting away the session that was idle longest where there is none.
   * @throws HubError `overloaded` when every one is in use
   */
  makeRoom(forSessionId: string): Promise<void> {
    const { maxProcesses } = this.#options
    if (maxProcesses === 0) return Promise.resolve()
    const run = this.#work.then(async () => {
      const living = this.#living().filter(({ id }) => id !== forSessionId)
      if (living.length < maxProcesses) return
      for (const session of this.#idle(0))
        if (session.id !== forSessionId && (await this.#park(session))) return
      throw new HubError(
        'overloaded',
        `${living.length} Codex processes run, as many as "maxProcesses" allows, and all of them are in use. End a session, or raise the limit.`,
        { living: living.length, maxProcesses },
      )
    })
    this.#work = run.catch(() => {})
    return run
  }

  #living(): Session[] {
    return [...this.#options.registry.sessions].filter(
      ({ connector, door }) => connector?.door === 'driven' || (connector === null && door.opening !== null),
    )
  }

  /** Driven sessions that were idle for so long, the longest first. */
  #idle(forMs: number): Session[] {
    const now = this.#options.clock.now()
    return [...this.#options.registry.sessions]
      .filter(
        (session) =>
          session.connector?.door === 'driven' &&
          session.door.isOpen &&
          session.phase === 'idle' &&
          session.summary.counters.turns > 0 &&
          now - lastUsed(session) >= forMs,
      )
      .sort((a, b) => lastUsed(a) - lastUsed(b))
  }

  async #park(session: Session): Promise<boolean> {
    const { registry, log } = this.#options
    const { connector } = session
    if (!connector || (await connector.hasCompany())) return false
    // While that was found out a prompt may have come.
    if (session.phase !== 'idle' || session.connector !== connector || !session.turns.isFree) return false
    await registry.stop(session.id, { rest: 'parked' })
    log.info({ sessionId: session.id }, 'an idle session was put away')
    return true
  }

  #arm(): void {
    const { clock, parkAfterMs, log } = this.#options
    this.#timer = clock.after(Math.min(LOOK_MS, Math.max(1, parkAfterMs / 2)), () => {
      this.#work = this.#work
        .then(async () => {
          for (const session of this.#idle(parkAfterMs)) await this.#park(session)
        })
        .catch((error: unknown) => log.warn({ err: error }, 'an idle session could not be put away'))
        .finally(() => this.#arm())
    })
  }
}

/** When a person or Codex last did anything with it. */
function lastUsed({ summary }: Session): number {
  return Math.max(summary.updatedAt, summary.evidenceAt ?? 0)
}
