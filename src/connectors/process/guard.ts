/**
 * Sees to it that a socket child has a warden for as long as this hub has the child: one that was killed is replaced, by
 * this hub or by the next one, which knows it from the ledger. It never starts a second one beside a first that lives,
 * and ends nothing.
 */
import type { Clock, Timer } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { type Identity, isSameProcess } from '../../base/process-identity.ts'
import { logPathOf } from './reap.ts'
import { pauseOf, startWarden } from './warden.ts'

export interface GuardOptions {
  readonly child: Identity
  readonly socketPath: string
  readonly warden: Identity
  readonly hubLockPath: string
  readonly graceMs?: number | undefined
  readonly clock: Clock
  readonly log: Log
  /** Another warden is on duty. */
  changed(warden: Identity): void
}

export class Guard {
  readonly #options: GuardOptions
  #warden: Identity
  #timer: Timer | null = null
  #isClosed = false

  /** Looks at once, and then as often as a warden looks. */
  constructor(options: GuardOptions) {
    this.#options = options
    this.#warden = options.warden
    void this.#look()
  }

  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
  }

  async #look(): Promise<void> {
    const { clock, log, child, graceMs } = this.#options
    try {
      const isOnDuty = await isSameProcess(this.#warden.pid, this.#warden.startToken)
      if (!isOnDuty && !this.#isClosed && (await isSameProcess(child.pid, child.startToken)))
        await this.#replace()
    } catch (error) {
      log.warn({ err: error, pid: child.pid }, 'a Codex process has no warden; it is tried again')
    }
    if (!this.#isClosed) this.#timer = clock.after(pauseOf(graceMs), () => void this.#look())
  }

  async #replace(): Promise<void> {
    const { child, socketPath, hubLockPath, graceMs, log, changed } = this.#options
    this.#warden = await startWarden({
      childPid: child.pid,
      childStartToken: child.startToken,
      hubLockPath,
      logPath: logPathOf(socketPath),
      ...(graceMs === undefined ? {} : { graceMs }),
    })
    log.info({ pid: child.pid, warden: this.#warden.pid }, 'a warden that was gone was replaced')
    changed(this.#warden)
  }
}
