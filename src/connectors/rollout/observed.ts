/**
 * A session that is only seen from its rollout, as a `Connector` without commands. It reads the file as it grows, hands
 * over what it read together with its place, and says what can honestly be said of the session's state. It writes
 * nothing, takes no lock and keeps no file open.
 */
import type { Clock, Timer } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Model } from '../../protocol/model.ts'
import { type BatchSink, type Connector, ConnectorError, type Operation } from '../connector.ts'
import type { HistoryTurn, ThreadFacts } from '../event.ts'
import { HistoryFold } from './history-fold.ts'
import { ENDED_AFTER_MS, judge, type Liveness } from './liveness.ts'
import { type Batch, type ReadState, RolloutReader } from './reader.ts'
import type { Base } from './segments.ts'
import { stampOf, type WatchedThread } from './thread-files.ts'
import { readWriterLock } from './writer-lock.ts'

export interface ObserveOptions {
  readonly codexHome: string
  readonly thread: WatchedThread
  /** What it was forked from, the oldest first. */
  readonly bases?: readonly Base[]
  /** Where an earlier connector stood; null to read from the start. */
  readonly checkpoint: unknown
  /**
   * How many of the newest turns to read back instead of reporting the past, for a session whose past came through
   * another door; 0 to report all of it.
   */
  readonly readBackTurns: number
  readonly sink: BatchSink
  readonly clock: Clock
  readonly log: Log
  readonly endedAfterMs?: number
}

/** How often the state is judged anew while nothing changes. Milliseconds. */
const JUDGE_MS = 5_000
/** Progress is told where there is more than this to read. Bytes. */
const PROGRESS_BYTES = 2 * 1024 * 1024

export class ObservedConnector implements Connector {
  readonly door = 'observed'
  readonly instance: string
  readonly line = null
  readonly codexVersion = null
  readonly thread: ThreadFacts & { readonly threadId: string }
  readonly operations: ReadonlySet<Operation>
  readonly #options: ObserveOptions
  readonly #reader: RolloutReader
  readonly #fold: HistoryFold | null
  #watched: WatchedThread
  #state: ReadState | null
  #liveness: Liveness | null = null
  #told = ''
  #timer: Timer | null = null
  #isLetGo = false
  #isReading = false
  #isStale = true
  #isProgressTold = false
  readonly #caughtUp = Promise.withResolvers<void>()
  #problem: string | null = null

  private constructor(options: ObserveOptions) {
    const { thread, checkpoint, readBackTurns } = options
    this.#options = options
    this.#watched = thread
    this.instance = `rollout:${thread.threadId}`
    this.thread = { threadId: thread.threadId, rolloutPath: thread.paths.at(-1) ?? null }
    this.#state = checkpoint as ReadState | null
    this.#reader = new RolloutReader(thread.paths, this.#state, { bases: options.bases ?? [] })
    this.#fold = this.#state === null && readBackTurns > 0 ? new HistoryFold(readBackTurns) : null
    this.operations = new Set(this.#fold ? ['history'] : [])
  }

  /**
   * Begin to observe. Where the past is to be read back it has been read when this resolves; else reading begins with
   * `follow`. @throws the system's error when the rollout cannot be read
   */
  static async open(options: ObserveOptions): Promise<ObservedConnector> {
    const connector = new ObservedConnector(options)
    await connector.#readPast()
    return connector
  }

  /** Settled once everything that was there has been reported, or nothing more will be. */
  get caughtUp(): Promise<void> {
    return this.#caughtUp.promise
  }

  /** Up to where the past was read back: to be stored with what became of it. */
  get checkpoint(): unknown {
    return this.#state
  }

  get status(): Connector['status'] {
    const isActive =
      this.#liveness !== null && ['working', 'waiting', 'silent'].includes(this.#liveness.state)
    return { status: isActive ? 'active' : 'idle', flags: [] }
  }

  /** Report from here on, as the file grows. */
  follow(): void {
    void this.#read()
  }

  /** The watcher saw the files change, move or be written to. */
  changed(thread: WatchedThread): void {
    this.#watched = thread
    this.#reader.follow(thread.paths)
    this.#isStale = true
    void this.#read()
  }

  /** The thread has no files any more. */
  gone(): void {
    this.#end('Its rollout is gone.')
  }

  async readHistory({ maxTurns }: { maxTurns: number }): Promise<readonly HistoryTurn[]> {
    return this.#fold?.turns.slice(-maxTurns) ?? []
  }

  startTurn(): Promise<never> {
    return this.#cannot()
  }

  interrupt(): Promise<never> {
    return this.#cannot()
  }

  rename(): Promise<never> {
    return this.#cannot()
  }

  configure(): Promise<never> {
    return this.#cannot()
  }

  answer(): Promise<never> {
    return this.#cannot()
  }

  listModels(): Promise<Model[]> {
    return this.#cannot()
  }

  terminal(): null {
    return null
  }

  hasCompany(): Promise<boolean> {
    return Promise.resolve(true)
  }

  async detach(): Promise<void> {
    this.#isLetGo = true
    this.#caughtUp.resolve()
    this.#timer?.cancel()
    await this.#reader.close()
  }

  stop(): Promise<void> {
    return this.detach()
  }

  async #cannot(): Promise<never> {
    throw new ConnectorError(
      'unsupported',
      'This session is only observed; its own terminal has the control.',
    )
  }

  async #readPast(): Promise<void> {
    const fold = this.#fold
    if (!fold) return
    let batch: Batch
    do {
      batch = await this.#reader.read()
      if (batch.restarted) fold.clear()
      fold.add(batch.events)
      this.#state = batch.state
    } while (!batch.atEnd)
    await this.#judge(false)
    this.#options.sink.receiveAll({
      events: fold.facts,
      checkpoint: null,
      at: this.#state?.parser.lastAt ?? null,
      stamp: null,
      startsOver: false,
    })
  }

  async #read(): Promise<void> {
    if (this.#isReading || this.#isLetGo) return
    this.#isReading = true
    try {
      while (this.#isStale && !this.#isLetGo) {
        this.#isStale = false
        await this.#readToEnd()
      }
      this.#problem = null
      await this.#judge(true)
    } catch (error) {
      this.#failed(error)
    } finally {
      this.#isReading = false
    }
    if (this.#isStale) void this.#read()
  }

  async #readToEnd(): Promise<void> {
    const { sink } = this.#options
    const stamp = stampOf(this.#watched)
    for (;;) {
      const batch = await this.#reader.read()
      if (this.#isLetGo) return
      const { events, state, restarted, atEnd } = batch
      this.#state = state
      if (events.length > 0 || batch.bytes > 0 || restarted || atEnd)
        sink.receiveAll({
          events,
          checkpoint: state,
          at: state.parser.lastAt,
          stamp: atEnd ? stamp : null,
          startsOver: restarted,
        })
      this.#tellProgress(state.offset, atEnd)
      if (!atEnd) continue
      this.#caughtUp.resolve()
      return
    }
  }

  #tellProgress(read: number, atEnd: boolean): void {
    const total = this.#watched.bytes
    if (!atEnd && total - read > PROGRESS_BYTES) {
      this.#isProgressTold = true
      this.#options.sink.receive({ type: 'progress', progress: { read, total } })
    } else if (atEnd && this.#isProgressTold) {
      this.#isProgressTold = false
      this.#options.sink.receive({ type: 'progress', progress: null })
    }
  }

  async #judge(tells: boolean): Promise<void> {
    this.#timer?.cancel()
    const state = this.#state
    if (!state || this.#isLetGo) return
    const { codexHome, clock, sink, endedAfterMs = ENDED_AFTER_MS } = this.#options
    const { threadId, paths, modifiedAt } = this.#watched
    const lock = await readWriterLock(codexHome, threadId, paths)
    if (this.#isLetGo) return
    const { parser } = state
    const liveness = judge({ parser, grewAt: modifiedAt, lock, now: clock.now(), endedAfterMs })
    this.#liveness = liveness
    if (!tells) return
    const isOver = liveness.state === 'idle' || liveness.state === 'ended'
    const concluded = isOver ? this.#reader.conclude(liveness.state === 'idle' ? 'settled' : 'lost') : null
    if (concluded) {
      this.#state = concluded.state
      const { events, state: checkpoint } = concluded
      sink.receiveAll({ events, checkpoint, at: parser.lastAt, stamp: null, startsOver: false })
    }
    if (liveness.state === 'ended') {
      this.#end(liveness.sentence)
      return
    }
    this.#tell(liveness)
    const untilEndMs = endedAfterMs - (clock.now() - modifiedAt)
    const ms = untilEndMs > 0 ? Math.min(JUDGE_MS, untilEndMs + 1) : JUDGE_MS
    this.#timer = clock.after(ms, () => void this.#read())
  }

  #tell({ state, sentence }: Liveness): void {
    const told = `${state} ${sentence}`
    if (told === this.#told) return
    this.#told = told
    const flags = state === 'waiting' || state === 'silent' ? [state] : []
    const note = flags.length > 0 ? sentence : null
    this.#options.sink.receive({ type: 'status', status: this.status.status, flags, note })
  }

  #failed(error: unknown): void {
    this.#caughtUp.resolve()
    const message = error instanceof Error ? error.message : String(error)
    const { clock, log, sink } = this.#options
    if (this.#problem !== message) {
      this.#problem = message
      log.warn({ err: error, threadId: this.thread.threadId }, 'a rollout could not be read')
      sink.receive({ type: 'warning', message: `The session's rollout could not be read: ${message}` })
    }
    this.#isStale = true
    this.#timer?.cancel()
    if (!this.#isLetGo) this.#timer = clock.after(JUDGE_MS, () => void this.#read())
  }

  #end(message: string): void {
    if (this.#isLetGo) return
    void this.detach()
    this.#options.sink.closed({ kind: 'ended', message })
  }
}
