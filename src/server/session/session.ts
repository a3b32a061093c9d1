/**
 * One session: its record, its connector while it has one, and its open approvals. It decides what events mean and
 * carries out commands. Its phase comes from its machine, which stands with all others in `lives.ts`.
 */
import type { Log } from '../../base/log.ts'
import { settingsAfter } from '../../connectors/codex/settings.ts'
import { type Connector, ConnectorError, type SourceBatch } from '../../connectors/connector.ts'
import type { SessionEvent } from '../../connectors/event.ts'
import type { CloseCause } from '../../jsonrpc/channel.ts'
import type { Delta } from '../../protocol/delta.ts'
import { HubError } from '../../protocol/errors.ts'
import { joinSettings, type SettingsRequest } from '../../protocol/settings.ts'
import type { Phase, Summary } from '../../protocol/summary.ts'
import type { Approvals } from './approvals.ts'
import { wireErrorOf } from './connector-failure.ts'
import { SessionDoor } from './door.ts'
import { acceptedTurn, DIED, startedOver } from './endings.ts'
import { timeOf } from './event-time.ts'
import { SessionFacts } from './facts.ts'
import { interpret } from './interpret.ts'
import { takeLoss } from './loss.ts'
import type { Activity, OpenHow } from './machine.ts'
import { openDoor } from './opening.ts'
import { SessionPast } from './past.ts'
import type { SessionPorts } from './ports.ts'
import { SessionQueue } from './queue.ts'
import type { SessionRecord } from './record.ts'
import { wholeOf } from './record-writer.ts'
import { refuseUntold } from './refusals.ts'
import { ReportedStatus } from './reported-status.ts'
import type { TurnGate } from './turn-gate.ts'
import { keepUntold } from './untold-settings.ts'

export class Session {
  readonly record: SessionRecord
  readonly door: SessionDoor
  readonly facts: SessionFacts
  readonly past: SessionPast
  readonly reported: ReportedStatus
  readonly queue: SessionQueue
  readonly #ports: SessionPorts

  constructor(record: SessionRecord, ports: SessionPorts) {
    this.record = record
    this.#ports = ports
    this.door = new SessionDoor(record, ports)
    this.facts = new SessionFacts(record, this.door, ports)
    this.past = new SessionPast(this.facts, this.door, (event) => this.receive(event), ports)
    const readBack = (connector: Connector) => this.past.readBack(connector)
    this.reported = new ReportedStatus(this.facts, this.door, readBack, ports.clock)
    this.queue = new SessionQueue(record, ports.store, ports.clock, () => this.facts.derive())
  }

  get id(): string {
    return this.record.id
  }

  get summary(): Summary {
    return this.record.summary
  }

  get phase(): Phase {
    return this.facts.phase
  }

  get turns(): TurnGate {
    return this.facts.turns
  }

  get approvals(): Approvals {
    return this.facts.approvals
  }

  get connector(): Connector | null {
    return this.door.connector
  }

  /** Made when it is needed: thousands of sessions have nothing to say. */
  get log(): Log {
    return this.#ports.log.child({ sessionId: this.id })
  }

  /** Something is behind the session, or about to be, or not gone yet: its process holds the thread to its end. */
  get isBusy(): boolean {
    return this.door.connector !== null || this.door.opening !== null || this.phase === 'stopping'
  }

  /** Take one event of the current connector. Throws only on a fault of ours; the registry contains it. */
  receive(event: SessionEvent, now = this.#ports.clock.now()): void {
    const { record, facts } = this
    if (event.type === 'append') {
      facts.text(event, now)
      return
    }
    if (event.type === 'status') {
      this.reported.status(event.status, event.flags)
      if (this.door.isOpen) facts.tellActivity()
      // What is judged from a file is no news from Codex.
      if (event.note !== undefined) {
        if (event.status === 'active') this.door.lostBecause = null
        facts.patch({ note: event.note })
        return
      }
    }
    if (event.type === 'thread' && event.facts.rolloutPath)
      record.patchPrivate({ rolloutPath: event.facts.rolloutPath })
    facts.apply(
      [...interpret(record.state, event, now, record.sequence), ...this.#approvalsAfter(event, now)],
      wholeOf(event),
    )
    if (event.type === 'item') this.queue.seen(event.item, event.turnId)
    if (event.type === 'turnCompleted') this.#ports.turnEnded(this.id, event.turn.id, event.turn.completedAt)
    if (event.type === 'removed') this.past.refill()
    if (event.type === 'reverted') void this.past.revertedElsewhere()
    facts.heard(now)
  }

  /** Take what was read from a file, and the place it was read up to, as one. */
  receiveAll({ events, checkpoint, at, stamp, startsOver }: SourceBatch): void {
    this.record.together(
      () => {
        if (startsOver) this.facts.apply([{ op: 'reset', state: startedOver(this.record.state) }])
        let time = at ?? this.#ports.clock.now()
        for (const event of events) {
          time = timeOf(event) ?? time
          this.#ports.receive(this.id, event, time)
        }
        if (at !== null) this.facts.heard(at)
        this.past.read(stamp !== null)
      },
      () => this.#ports.foreign.noteRead(this.id, this.summary.threadId, checkpoint, stamp),
    )
  }

  /** These turns, with all they are made of, are no longer part of the thread. Resolves when older ones took their place. */
  removeTurns(turnIds: readonly string[]): Promise<void> {
    this.receive({ type: 'removed', turnIds })
    return this.past.refilled
  }

  /** The connector's source ended by itself. */
  sourceClosed(generation: number, cause: CloseCause): void {
    const door = this.connector?.door
    if (!this.door.lost(generation, cause.message)) return
    takeLoss(this, door, cause, this.#ports.clock.now())
    void this.#ports.rested(this.id, door === 'driven')
  }

  /** The machine's `open` actor. */
  open(how: OpenHow): Promise<Activity> {
    return this.door.open(how, () => openDoor(this, how, this.#ports))
  }

  /** The machine's `stop` actor: whatever runs for this session is gone afterwards. */
  async stop(force: boolean): Promise<void> {
    await this.door.settled()
    await this.#letGo()?.stop({ force })
    await this.#ports.driver.endStray(this.summary.threadId)
    this.facts.settle('The session was ended.', 'sessionEnded')
    await this.#ports.rested(this.id, true)
  }

  /** Resolves when no attempt to open the door runs, and the phase says what came of it. */
  settled(): Promise<void> {
    return this.door.settled().then(() => this.facts.opened())
  }

  /** Let the process go on without this hub. */
  async detach(): Promise<void> {
    await this.door.settled()
    await this.#letGo()?.detach()
    this.record.writeGrowing()
  }

  /** Make sure that a live connector is there, resuming the thread where it is not. @throws HubError */
  async ensureLive(): Promise<Connector> {
    const { door } = this
    // Somebody who opens it to look may have come in between.
    await door.looked()
    this.refuseIfObserved()
    if (door.connector && door.isOpen) return door.connector
    const how = this.#ports.foreign.canJoin(this.summary.threadId) ? 'join' : 'resume'
    if (!door.opening) this.#ports.live(this.id, { type: 'open', how })
    if (!door.opening) {
      throw new HubError('notPossible', `The session is ${this.phase}; try again when that is over.`, {
        phase: this.phase,
      })
    }
    try {
      await door.opening
      await this.facts.opened()
    } catch (error) {
      throw wireErrorOf(error)
    }
    // Somebody else was opening it, to look at it.
    this.refuseIfObserved()
    if (!door.connector)
      throw wireErrorOf(new ConnectorError('closed', 'The session ended while it was opened.'))
    return door.connector
  }

  /** @throws HubError `notPossible` where nobody here could be told anything. */
  refuseIfObserved(): void {
    refuseUntold(this.connector?.door, this.summary)
  }

  /** A turn is about to be started. @returns to be called with its id */
  beforeTurn(): Promise<(turnId: string) => void> {
    return this.#ports.beforeTurn(this.id)
  }

  /** Codex took a prompt. Its `turn/started` is on its way; until then nothing may look idle. */
  turnAccepted(turnId: string): void {
    if (this.record.state.turns.some((turn) => turn.id === turnId)) return
    this.receive({ type: 'turnStarted', turn: acceptedTurn(turnId) })
    // Codex went out of reach with its answer: what became of the turn has to be found out. Unless somebody ended it.
    if (this.phase === 'closed') this.facts.settle('The session was ended.', 'sessionEnded')
    else if (!this.connector) this.#ports.live(this.id, { type: 'open', how: 'recover' })
  }

  /**
   * Change what the session runs with from its next turn on. A child that runs on without a connection hears of it when it is
   * joined again; a new one is started with it. @throws ConnectorError
   */
  async configure(settings: SettingsRequest): Promise<void> {
    const { connector, record } = this
    if (connector) await connector.configure(settings)
    else keepUntold(record, settings)
    record.patchPrivate({ wanted: joinSettings(record.wanted, settings) })
    this.facts.tell({ type: 'thread', facts: { settings: settingsAfter(settings) } })
  }

  /** Read what Codex knows of an unfinished past, for a session nobody drives. Failures are logged and change nothing. */
  async reconcileDormant(): Promise<void> {
    if (this.isBusy || !this.facts.runningTurn) return
    if ((await this.past.readDormant()) && !this.isBusy) this.facts.settle(...DIED)
  }

  /** What an event means for the approvals. */
  #approvalsAfter(event: SessionEvent, now: number): Delta[] {
    if (event.type === 'approvalResolved') return this.approvals.resolved(this.record.state, event.key, now)
    if (event.type !== 'turnCompleted') return []
    return this.facts.withdraw('The turn ended.', ({ turnId }) => turnId !== event.turn.id)
  }

  #letGo(): Connector | null {
    this.reported.forget()
    return this.door.letGo()
  }
}
