/**
 * An app-server without a session, for questions that need no thread of ours: models, the past of a dormant thread,
 * its name. Started at the first question, shared, and stopped when nobody asked for a while.
 */
import type { Clock, Timer } from '../../base/clock.ts'
import { Followers } from './followers.ts'
import type { RunningServer } from './running-server.ts'

const IDLE_MS = 30_000

interface Helper extends RunningServer {
  readonly followers: Followers
}

export class HelperServer {
  readonly #start: () => Promise<RunningServer>
  readonly #clock: Clock
  #running: Promise<Helper> | null = null
  #asking = 0
  #idle: Timer | null = null

  constructor(start: () => Promise<RunningServer>, clock: Clock) {
    this.#start = start
    this.#clock = clock
  }

  async ask<T>(question: (running: RunningServer, followers: Followers) => Promise<T>): Promise<T> {
    this.#idle?.cancel()
    this.#asking++
    try {
      const helper = await this.#ready()
      return await question(helper, helper.followers)
    } finally {
      this.#asking--
      if (this.#asking === 0) this.#idle = this.#clock.after(IDLE_MS, () => void this.close())
    }
  }

  async close(): Promise<void> {
    this.#idle?.cancel()
    const running = this.#running
    this.#running = null
    const helper = await running?.catch(() => null)
    if (!helper) return
    helper.server.close()
    await helper.handle.stop()
  }

  /** Whoever comes while it starts waits for the same one; a failed start is tried anew by the next. */
  async #ready(): Promise<Helper> {
    const known = this.#running
    const helper = await known?.catch(() => null)
    if (helper && !helper.server.isClosed) return helper
    // Of all who find it gone, one starts the next.
    if (this.#running === known) this.#running = null
    return this.#running ?? this.#begin()
  }

  #begin(): Promise<Helper> {
    const starting = this.#start().then((running) => {
      const followers = new Followers(running.server)
      running.server.listen(followers)
      return { ...running, followers }
    })
    this.#running = starting
    starting.catch(() => {
      if (this.#running === starting) this.#running = null
    })
    return starting
  }
}
