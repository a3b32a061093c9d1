/**
 * A session that is only seen from its rollout, as a `Connector` without commands: what the file says as it grows, and
 * what can honestly be said of the session's state. It writes nothing, takes no lock and keeps no file open.
 */
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Model } from '../../protocol/model.ts'
import { type BatchSink, type Connector, ConnectorError, type Operation } from '../connector.ts'
import type { HistoryTurn, ThreadFacts } from '../event.ts'
import { Following } from './following.ts'
import { HistoryFold } from './history-fold.ts'
import { type Batch, type ReadState, RolloutReader } from './reader.ts'
import type { Base } from './segments.ts'
import type { WatchedThread } from './thread-files.ts'
import { Verdict } from './verdict.ts'

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

export class ObservedConnector implements Connector {
  readonly door = 'observed'
  readonly instance: string
  readonly line = null
  readonly codexVersion = null
  readonly isolation = null
  readonly thread: ThreadFacts & { readonly threadId: string }
  readonly operations: ReadonlySet<Operation>
  readonly #options: ObserveOptions
  readonly #reader: RolloutReader
  readonly #following: Following
  readonly #verdict: Verdict
  readonly #fold: HistoryFold | null

  private constructor(options: ObserveOptions) {
    const { thread, readBackTurns, sink, clock, log } = options
    const checkpoint = options.checkpoint as ReadState | null
    this.#options = options
    this.instance = `rollout:${thread.threadId}`
    this.thread = { threadId: thread.threadId, rolloutPath: thread.paths.at(-1) ?? null }
    const reader = new RolloutReader(thread.paths, checkpoint, { bases: options.bases ?? [] })
    this.#reader = reader
    this.#following = new Following({ reader, thread, sink, clock, log, atEnd: () => this.#judge() })
    this.#verdict = new Verdict(options)
    this.#fold = checkpoint === null && readBackTurns > 0 ? new HistoryFold(readBackTurns) : null
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
    return this.#following.caughtUp
  }

  /** Settled once it is known whether anybody still writes it, as far as that can be known. */
  get judged(): Promise<void> {
    return this.#following.judged
  }

  /** Up to where it was read: to be stored with what became of it. */
  get checkpoint(): unknown {
    return this.#reader.state
  }

  get status(): Connector['status'] {
    return { status: this.#verdict.status, flags: [] }
  }

  /** Report from here on, as the file grows. */
  follow(): void {
    void this.#following.look()
  }

  /** The watcher saw the files change, move or be written to. */
  changed(thread: WatchedThread): void {
    this.#following.changed(thread)
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

  detach(): Promise<void> {
    return this.#following.stop()
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
    } while (!batch.atEnd)
    const { parser } = batch.state
    await this.#verdict.reach(parser, this.#options.thread)
    this.#options.sink.receiveAll({
      events: fold.facts,
      checkpoint: null,
      at: parser.lastAt,
      stamp: null,
      startsOver: false,
    })
  }

  /** @returns after how long to look again */
  async #judge(): Promise<number | null> {
    const { state } = this.#reader
    const { thread } = this.#following
    if (!state) return null
    const { sink } = this.#options
    const liveness = await this.#verdict.reach(state.parser, thread)
    if (this.#following.isOver) return null
    const isOver = liveness.state === 'idle' || liveness.state === 'ended'
    const concluded = isOver ? this.#reader.conclude(liveness.state === 'idle' ? 'settled' : 'lost') : null
    if (concluded) {
      const { events, state: checkpoint } = concluded
      sink.receiveAll({ events, checkpoint, at: state.parser.lastAt, stamp: null, startsOver: false })
    }
    if (liveness.state === 'ended') {
      this.#end(liveness.sentence)
      return null
    }
    const news = this.#verdict.news()
    if (news) sink.receive(news)
    return this.#verdict.nextMs(thread)
  }

  #end(message: string): void {
    if (this.#following.isOver) return
    void this.detach()
    this.#options.sink.closed({ kind: 'ended', message })
  }
}
