/**
 * The past of one session: reading it for the first time, comparing it with what Codex or the file has now, and taking
 * out the turns that are no longer part of it. A past that cannot be read costs completeness, never the session.
 */
import type { Log } from '../../base/log.ts'
import type { Connector } from '../../connectors/connector.ts'
import type { Driver } from '../../connectors/driver.ts'
import type { HistoryTurn, SessionEvent } from '../../connectors/event.ts'
import type { Store } from '../../persistence/store.ts'
import { catchUp, RECONCILE_TURNS } from './catch-up.ts'
import type { SessionDoor } from './door.ts'
import type { SessionFacts } from './facts.ts'
import type { ObservedSource } from './foreign-doors.ts'
import { fillUp, readGone } from './removed-turns.ts'

export interface PastPorts {
  readonly driver: Driver
  readonly store: Store
  readonly log: Log
  /** When this hub began. */
  readonly startedAt: number
}

export class SessionPast {
  readonly #facts: SessionFacts
  readonly #door: SessionDoor
  readonly #receive: (event: SessionEvent) => void
  readonly #ports: PastPorts
  /** It is being read for the first time. */
  #isNew = false
  /** There is no more of it. */
  #isWhole = false
  #filling: Promise<void> = Promise.resolve()

  /** @param receive takes an event of the past as if it came now */
  constructor(
    facts: SessionFacts,
    door: SessionDoor,
    receive: (event: SessionEvent) => void,
    ports: PastPorts,
  ) {
    this.#facts = facts
    this.#door = door
    this.#receive = receive
    this.#ports = ports
  }

  /** What others wrote, before anything is told of the thread by Codex itself. */
  async readFirst(): Promise<void> {
    this.#begin(true)
    await this.#door.readPast()
  }

  /**
   * Some of it has been read: what was over before the hub came to know of it is nobody's news.
   * @param isWhole it was the last of it, or there was no more before
   */
  read(isWhole = true): void {
    this.#isWhole ||= isWhole
    if (!this.#isNew || !this.#isWhole) return
    const newest = this.#facts.record.state.turns.at(-1)
    // Where releases mark no end (up to 0.98), the newest turn is found to be over only afterwards.
    this.#isNew = newest?.status === 'inProgress'
    if ((newest?.completedAt ?? 0) < this.#ports.startedAt) this.#facts.patch({ unread: 0 })
  }

  /** Compare with what Codex has. */
  async readBack(connector: Connector, maxTurns = RECONCILE_TURNS): Promise<void> {
    if (!connector.operations.has('history')) return
    try {
      await this.take(await connector.readHistory({ maxTurns }))
    } catch (error) {
      this.#warn(error, 'the history could not be read back')
    }
  }

  /** Take in a history that was read. */
  async take(history: readonly HistoryTurn[]): Promise<void> {
    const isActive = () => this.#facts.isActive === true
    const events = await catchUp(this.#facts.record, this.#ports.store, history, isActive)
    for (const event of events) this.#receive(event)
  }

  /** Compare with what Codex has of a thread nobody drives. @returns whether nobody took the session up meanwhile */
  async readDormant(): Promise<boolean> {
    const { stored, summary } = this.#facts.record
    if (summary.threadId === null) return false
    try {
      const options = { maxTurns: RECONCILE_TURNS, codexHome: stored.codexHome }
      const history = await this.#ports.driver.readHistory(summary.threadId, options)
      if (this.#door.connector !== null || this.#door.opening !== null) return false
      await this.take(history)
      return true
    } catch (error) {
      this.#warn(error, 'the past of a dormant session could not be read')
      return false
    }
  }

  /** What a source that is only read has beyond what the session knows. */
  async beyond(source: ObservedSource): Promise<SessionEvent[]> {
    this.#begin(this.#facts.summary.counters.turns === 0)
    if (!source.operations.has('history')) return []
    const history = await source.readHistory({ maxTurns: RECONCILE_TURNS })
    return catchUp(this.#facts.record, this.#ports.store, history, () => false)
  }

  /** Turns left. Older ones take their place in the window. */
  refill(): void {
    this.#filling = this.#fillUp()
  }

  /** Resolves when older turns took the place of those that left. */
  get refilled(): Promise<void> {
    return this.#filling
  }

  /** Somebody else took turns back: only the history says which. */
  async revertedElsewhere(): Promise<void> {
    const { connector } = this.#door
    try {
      const gone = connector ? await readGone(this.#facts.record, this.#ports.store, connector) : []
      if (gone.length === 0 || this.#door.connector !== connector) return
      this.#receive({ type: 'removed', turnIds: gone })
    } catch (error) {
      this.#warn(error, 'which turns were taken back could not be read')
    }
  }

  async #fillUp(): Promise<void> {
    // Not before the removal is written, which may be part of a larger change.
    await Promise.resolve()
    await fillUp(this.#facts.record, this.#ports.store).catch((error: unknown) => {
      this.#warn(error, 'what came before the removed turns could not be read')
    })
  }

  #begin(isNew: boolean): void {
    this.#isNew = isNew
    this.#isWhole = false
  }

  #warn(error: unknown, message: string): void {
    this.#ports.log.child({ sessionId: this.#facts.record.id }).warn({ err: error }, message)
  }
}
