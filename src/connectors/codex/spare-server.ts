/**
 * A started app-server in waiting, so that a session need not wait for one to start. It is there once a session was
 * opened, and gone when no other is opened for a while. What it read at its start must still stand in its home, or it is
 * not used.
 */
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Clock, Timer } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { fileStamp } from './native-binary.ts'
import type { RunningServer } from './running-server.ts'

export interface SpareOptions {
  start(): Promise<RunningServer>
  /** Changes when a server that was started before must not be used any more. */
  stamp(): Promise<string>
  readonly clock: Clock
  readonly log: Log
  /** How long it waits for a session. Milliseconds. */
  readonly keepMs: number
}

/** Left to those who are waited for: the one in waiting is started a moment later. Milliseconds. */
const REFILL_MS = 250

interface Waiting {
  readonly stamp: string
  readonly running: RunningServer
}

export class SpareServer {
  readonly #options: SpareOptions
  #waiting: Waiting | null = null
  #starting: Promise<void> | null = null
  #refill: Timer | null = null
  #expiry: Timer | null = null
  #isClosed = false

  constructor(options: SpareOptions) {
    this.#options = options
  }

  /** Take it, and have the next one started. @returns null when none is ready or the one that is has become old */
  async take(): Promise<RunningServer | null> {
    // One that is being started is ahead of any that would be started now.
    await this.#starting
    const waiting = this.#waiting
    this.#waiting = null
    this.#arm()
    if (!waiting) return null
    const { running, stamp } = waiting
    // Where nobody can tell what it should have read, whoever starts another one is told why.
    const isFresh = async () => (await this.#options.stamp().catch(() => null)) === stamp
    if (!running.server.isClosed && (await isFresh())) return running
    void end(running)
    return null
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#refill?.cancel()
    await this.#starting
    await this.#discard()
  }

  #arm(): void {
    if (this.#isClosed) return
    this.#expiry?.cancel()
    this.#refill?.cancel()
    this.#refill = this.#options.clock.after(REFILL_MS, () => {
      this.#starting ??= this.#start().finally(() => {
        this.#starting = null
      })
    })
  }

  async #start(): Promise<void> {
    if (this.#waiting || this.#isClosed) return
    try {
      const { clock, keepMs } = this.#options
      // Asked before it starts: what changes while it starts it may have read or not.
      const stamp = await this.#options.stamp()
      const running = await this.#options.start()
      this.#waiting = { stamp, running }
      // Counted from here: a start that takes longer than the wait must not leave it waiting for good.
      this.#expiry = clock.after(keepMs, () => void this.#discard())
      if (this.#isClosed) await this.#discard()
    } catch (error) {
      // Whoever opens the next session meets the same fault, and is told.
      this.#options.log.debug({ err: error }, 'no app-server could be kept waiting')
    }
  }

  async #discard(): Promise<void> {
    this.#expiry?.cancel()
    const waiting = this.#waiting
    this.#waiting = null
    if (waiting) await end(waiting.running)
  }
}

async function end({ server, handle }: RunningServer): Promise<void> {
  server.close()
  await handle.stop()
}

/** What an app-server reads once, when it starts: its own binary, its configuration, its login. */
export function homeStamp(binary: string, codexHome: string | null): string {
  const home = codexHome ?? process.env.CODEX_HOME ?? join(homedir(), '.codex')
  return [binary, ...['config.toml', 'auth.json', '.env'].map((name) => join(home, name))]
    .map(fileStamp)
    .join('\n')
}
