/**
 * Keeps the number of living Codex processes small: a session that was idle for long is put away, its process ended and
 * its lock free, and the next prompt takes it out again with its memory. Never one that a terminal is joined to.
 */
import type { Clock, Timer } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { HubError } from '../protocol/errors.ts'
import type { Isolation } from '../protocol/summary.ts'
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
  /** Of sessions that say nothing of it themselves. */
  readonly isolation: Isolation
}

const LOOK_MS = 30_000

export class Parking {
  readonly #options: ParkingOptions
  #timer: Timer | null = null
  #isClosed = false
  /** One decision at a time: two new sessions must not be given the same place. */
  #work: Promise<unknown> = Promise.resolve()

  constructor(options: ParkingOptions) {
    this.#options = options
    if (options.parkAfterMs > 0) this.#arm()
  }

  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
  }

  /**
   * Have room for one more process, putting away what is on the one that was idle longest where there is none. A session
   * that shares one that lives needs none.
   * @throws HubError `overloaded` when every one is in use
   */
  makeRoom(forSessionId: string): Promise<void> {
    const { maxProcesses } = this.#options
    if (maxProcesses === 0) return Promise.resolve()
    const run = this.#work.then(async () => {
      const living = this.#living(forSessionId)
      const wanted = this.#processOf(this.#options.registry.get(forSessionId))
      if (living.has(wanted) || living.size < maxProcesses) return
      for (const sessions of byLastUse(living)) if (await this.#parkAll(sessions)) return
      throw new HubError(
        'overloaded',
        `${living.size} Codex processes run, as many as "maxProcesses" allows, and all of them are in use. End a session, or raise the limit.`,
        { living: living.size, maxProcesses },
      )
    })
    this.#work = run.catch(() => {})
    return run
  }

  /** What lives or is about to, with the sessions on it; `but` that session. */
  #living(but: string): Map<string, Session[]> {
    const living = new Map<string, Session[]>()
    for (const session of this.#options.registry.sessions) {
      const { connector, door, id } = session
      const isLiving = connector?.door === 'driven' || (connector === null && door.opening !== null)
      if (!isLiving || id === but) continue
      const process = this.#processOf(session)
      living.set(process, [...(living.get(process) ?? []), session])
    }
    return living
  }

  /** The same for sessions that share a process, or will once it has started. */
  #processOf({ id, connector, record }: Session): string {
    const { isolation, codexHome } = record.stored
    const isShared = (connector?.isolation ?? isolation ?? this.#options.isolation) === 'shared'
    return isShared ? `of ${codexHome ?? ''}` : id
  }

  async #parkAll(sessions: readonly Session[]): Promise<boolean> {
    // To put some of them away would end nothing.
    if (!sessions.every(isIdle)) return false
    for (const session of sessions) if (!(await this.#park(session))) return false
    return true
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
    if (this.#isClosed) return
    this.#timer = clock.after(Math.min(LOOK_MS, Math.max(1, parkAfterMs / 2)), () => {
      this.#work = this.#work
        .then(async () => {
          const before = clock.now() - parkAfterMs
          const idle = [...this.#options.registry.sessions].filter(isIdle)
          for (const session of idle) if (lastUsed(session) <= before) await this.#park(session)
        })
        .catch((error: unknown) => log.warn({ err: error }, 'an idle session could not be put away'))
        .finally(() => this.#arm())
    })
  }
}

function isIdle({ connector, door, phase, summary }: Session): boolean {
  return connector?.door === 'driven' && door.isOpen && phase === 'idle' && summary.counters.turns > 0
}

/** What was not used for longest first; of many sessions the newest use counts. */
function byLastUse(living: ReadonlyMap<string, Session[]>): Session[][] {
  const usedAt = (sessions: Session[]) => Math.max(...sessions.map(lastUsed))
  return [...living.values()].sort((a, b) => usedAt(a) - usedAt(b))
}

/** When a person or Codex last did anything with it. */
function lastUsed({ summary }: Session): number {
  return Math.max(summary.updatedAt, summary.evidenceAt ?? 0)
}
