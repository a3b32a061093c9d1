/**
 * Follows the Codex daemon of one `CODEX_HOME`: finds its control socket, keeps one connection to it while it runs, and
 * tells which sessions it has. Its truth is a look every few seconds; hints of the file system only make it look earlier.
 * It never starts, stops or owns the daemon, and nothing of the daemon can hold up anything else.
 */
import { existsSync } from 'node:fs'
import type { Clock, Timer } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { type Connector, ConnectorError } from '../connector.ts'
import type { Hints, OpenHints } from '../rollout/hints.ts'
import { type DaemonConnection, openConnection } from './connection.ts'
import { type ControlSocket, controlFolder, findControlSocket } from './control-socket.ts'
import type { DaemonThread } from './daemon-thread.ts'
import { type DaemonFault, type DaemonHealth, describeAbsence, faultOf } from './health.ts'
import { type HealthListener, HealthReport } from './health-report.ts'
import { type JoinOptions, terminalCommand } from './join.ts'
import { DaemonLink } from './link.ts'
import type { ThreadsListener } from './loaded-threads.ts'
import { Retries } from './retries.ts'

export interface DaemonListener extends ThreadsListener, HealthListener {}

export interface DaemonWatchOptions {
  readonly codexHome: string
  /** What a terminal is told to run; `codex` from its PATH by default. */
  readonly codexCommand?: string
  readonly hubVersion: string
  readonly clock: Clock
  readonly log: Log
  readonly openHints: OpenHints
  readonly listener: DaemonListener
  /** For each step of a handshake, and for an answer to whether it still answers. */
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 10_000
/** One `stat` of one file. */
const LOOK_MS = 5_000
const REFRESH_MS = 30_000
/**
 * Codex names every session of a daemon after whoever connected to it first, also towards its maker (0.169). The
 * terminal that has just started it is let go first.
 */
const AFTER_YOU_MS = 1000

export class DaemonWatch {
  readonly #options: DaemonWatchOptions
  readonly #ending = new AbortController()
  #link: DaemonLink | null = null
  readonly #report: HealthReport
  #hints: Hints | null = null
  #timer: Timer | null = null
  #work: Promise<void> = Promise.resolve()
  #isLookQueued = false
  readonly #retries: Retries

  constructor(options: DaemonWatchOptions) {
    this.#options = options
    this.#retries = new Retries(options.clock)
    this.#report = new HealthReport(options.codexHome, options.clock, options.listener)
  }

  get health(): DaemonHealth {
    return this.#report.health
  }

  /** Sessions that can be joined now, by thread id. */
  get threads(): ReadonlyMap<string, DaemonThread> {
    return this.#link?.threads.told ?? new Map()
  }

  /** Find what is there and go on watching. Resolves after the first look, with or without a daemon; never rejects. */
  start(): Promise<void> {
    this.#hints = this.#options.openHints({
      // While there is a connection it says itself when it ends.
      changed: () => {
        if (!this.#link) void this.look()
      },
      failed: (error) => {
        this.#options.log.info({ err: error }, 'no hints of the Codex daemon; it is found by looking')
        this.#hints?.close().catch(() => {})
        this.#hints = null
      },
    })
    return this.look()
  }

  /** Look now. Resolves when that is done. */
  look(): Promise<void> {
    if (!this.#isLookQueued) {
      this.#isLookQueued = true
      this.#work = this.#work.then(() => this.#lookOnce())
    }
    return this.#work
  }

  /**
   * Follow a thread the daemon has loaded, as one more client.
   * @throws ConnectorError `closed` without a daemon, `threadNotFound` when it does not have the thread
   */
  join(threadId: string, options: JoinOptions): Promise<Connector> {
    const link = this.#link
    if (!link) {
      const { codexHome, state, sentence } = this.#report.health
      return Promise.reject(new ConnectorError('closed', sentence, { codexHome, state, threadId }))
    }
    const { codexCommand = 'codex', codexHome } = this.#options
    return link.join(threadId, options, (id) => terminalCommand(codexCommand, codexHome, id))
  }

  /** Let go of the daemon. Connectors that were not let go of are told that the hub closed the connection. */
  async close(): Promise<void> {
    this.#ending.abort()
    this.#report.end()
    this.#timer?.cancel()
    this.#unlink()
    await this.#hints?.close()
    await this.#work
  }

  async #lookOnce(): Promise<void> {
    this.#isLookQueued = false
    if (this.#isEnding) return
    this.#timer?.cancel()
    try {
      this.#next(this.#link ? await this.#refresh(this.#link) : await this.#find())
    } catch (error) {
      this.#options.log.error({ err: error }, 'the look for a Codex daemon failed')
      this.#next(LOOK_MS)
    }
  }

  get #isEnding(): boolean {
    return this.#ending.signal.aborted
  }

  #next(ms: number): void {
    if (this.#isEnding) return
    this.#timer = this.#options.clock.after(ms, () => void this.look())
  }

  /** @returns after how long to look again */
  async #find(): Promise<number> {
    const { codexHome, clock } = this.#options
    const folder = controlFolder(codexHome)
    // chokidar never notices a folder that was not there when it was told of it.
    this.#hints?.watch(existsSync(folder) ? [folder] : [])
    const sighting = await findControlSocket(codexHome)
    if (sighting.state !== 'found') {
      this.#report.say(...describeAbsence(sighting))
      return LOOK_MS
    }
    const { socket } = sighting
    if (this.#retries.times === 0)
      this.#report.say('connecting', 'A Codex daemon was found and is being joined.')
    const ageMs = clock.now() - socket.boundAt
    if (ageMs >= 0 && ageMs < AFTER_YOU_MS) return AFTER_YOU_MS - ageMs
    const waitMs = this.#retries.waitMs(socket.instance)
    return waitMs > 0 ? Math.min(waitMs, LOOK_MS) : this.#connect(socket)
  }

  async #connect(socket: ControlSocket): Promise<number> {
    const { listener, timeoutMs = TIMEOUT_MS, ...options } = this.#options
    let link: DaemonLink | null = null
    try {
      const connection = await openConnection(socket, { ...options, timeoutMs, signal: this.#ending.signal })
      link = this.#linkTo(connection)
      this.#report.sayConnected(link)
      await link.threads.refresh(timeoutMs)
      return REFRESH_MS
    } catch (error) {
      // What ended it while its threads were listed was told already.
      if (this.#isEnding || link?.isClosed) return LOOK_MS
      this.#unlink()
      return this.#failedAt(socket, faultOf(error))
    }
  }

  #linkTo(connection: DaemonConnection): DaemonLink {
    const { listener, clock, log } = this.#options
    const link = new DaemonLink(connection, {
      clock,
      log,
      listener,
      onEnd: (cause) => {
        if (this.#link !== link) return
        this.#link = null
        // One that drops the connection each time must not be tried without end.
        this.#retries.failed(connection.instance)
        this.#report.say('lost', `${capital(cause.message)}. It is looked for again.`)
        void this.look()
      },
    })
    this.#link = link
    if (this.#isEnding) this.#unlink()
    return link
  }

  #unlink(): void {
    this.#link?.close()
    this.#link = null
  }

  /** Hold the list against the daemon's. That it does not answer is no proof that it is gone. */
  async #refresh(link: DaemonLink): Promise<number> {
    const { timeoutMs = TIMEOUT_MS, log } = this.#options
    try {
      await link.threads.refresh(timeoutMs)
      this.#retries.succeeded()
      if (this.#link === link) this.#report.sayConnected(link)
      return REFRESH_MS
    } catch (error) {
      if (this.#link !== link) return LOOK_MS
      log.info({ err: error }, 'the Codex daemon did not list its threads')
      this.#report.say(
        'hanging',
        'The Codex daemon does not answer; what is shown of its sessions may be old.',
        link,
      )
      return LOOK_MS
    }
  }

  #failedAt({ instance }: ControlSocket, fault: DaemonFault): number {
    const ms = this.#retries.failed(instance)
    const facts = { err: fault, state: fault.state, times: this.#retries.times }
    this.#options.log.info(facts, 'no connection to the Codex daemon')
    this.#report.say(fault.state, fault.message)
    return Math.min(ms, LOOK_MS)
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
