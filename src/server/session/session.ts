/**
 * One session: its record, its connector while it has one, and its open approvals. It decides what events mean and
 * carries out commands. Its phase comes from the machine, whose only sender is the registry (`ports.live`).
 */
import { isDeepStrictEqual } from 'node:util'
import type { Clock, Timer } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { settingsAfter } from '../../connectors/codex/settings.ts'
import { type Connector, ConnectorError, type SourceBatch } from '../../connectors/connector.ts'
import type { Driver } from '../../connectors/driver.ts'
import type { HistoryTurn, SessionEvent, ThreadFacts } from '../../connectors/event.ts'
import type { CloseCause } from '../../jsonrpc/channel.ts'
import type { Store } from '../../persistence/store.ts'
import { applyDeltas } from '../../protocol/apply-delta.ts'
import type { Delta } from '../../protocol/delta.ts'
import { HubError } from '../../protocol/errors.ts'
import { joinSettings, type SettingsRequest } from '../../protocol/settings.ts'
import type { Phase, Summary } from '../../protocol/summary.ts'
import { Approvals } from './approvals.ts'
import { catchUp, RECONCILE_TURNS } from './catch-up.ts'
import { wireErrorOf } from './connector-failure.ts'
import { activityOf, derivedDeltas, runningTurn } from './derive.ts'
import { type ForeignDoors, type ObservedSource, SessionDoor } from './door.ts'
import { acceptedTurn, cutOff, holesIn, lossOf, startedOver } from './endings.ts'
import { timeOf } from './event-time.ts'
import { interpret, patch } from './interpret.ts'
import type { Activity, LifeEvent, OpenHow } from './machine.ts'
import { SessionQueue } from './queue.ts'
import type { SessionRecord } from './record.ts'
import { refuseUntold } from './refusals.ts'
import { fillUp, readGone } from './removed-turns.ts'
import { TurnGate } from './turn-gate.ts'

/** `evidenceAt` is told to clients at most this often. Milliseconds. */
const EVIDENCE_MS = 5_000
/** How long a turn may stay open after Codex called the thread idle before its end is looked up. Milliseconds. */
const IDLE_WITHOUT_END_MS = 3_000

/** How much of its past a fork begins with. Turns. */
const FORK_TURNS = 500

export interface SessionPorts {
  readonly driver: Driver
  readonly foreign: ForeignDoors
  /** Have room for one more process. @throws HubError `overloaded` */
  makeRoom(sessionId: string): Promise<void>
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  /** Send an event into the session's machine. */
  live(sessionId: string, event: LifeEvent): void
  /** Deliver a connector's event through the registry, which isolates faults. */
  receive(sessionId: string, event: SessionEvent, at?: number): void
  receiveAll(sessionId: string, batch: SourceBatch): void
  sourceClosed(sessionId: string, connectorId: number, cause: CloseCause): void
  /** Look at the files before a turn. @returns to be told the turn's id */
  beforeTurn(sessionId: string): Promise<(turnId: string) => void>
  turnEnded(sessionId: string, turnId: string, completedAt: number | null): void
  /** Something changed after which a prompt that waits might be sent. */
  mayGoOn(sessionId: string): void
  /** Nothing is behind the session any more. @param asked somebody wanted that */
  rested(sessionId: string, asked: boolean): Promise<void>
  /** When this hub began. */
  readonly startedAt: number
}

export class Session {
  readonly record: SessionRecord
  readonly approvals = new Approvals()
  readonly door: SessionDoor
  readonly turns: TurnGate
  readonly queue: SessionQueue
  readonly #ports: SessionPorts
  #phase: Phase
  /** Codex's own word, null where it gave none. */
  #isActive: boolean | null = null
  #idleTimer: Timer | null = null
  /** The machine's answer to what is being applied leaves with it, not before it. */
  #isApplying = false
  #filling: Promise<void> = Promise.resolve()
  /** The session's past is being read for the first time. */
  #isPastNew = false
  /** Settings that were changed while nobody was there to tell. */
  #untold: SettingsRequest = {}

  constructor(record: SessionRecord, ports: SessionPorts) {
    this.record = record
    this.#ports = ports
    this.#phase = record.summary.phase
    this.door = new SessionDoor(record, ports)
    // While the door opens, a turn may look open that is only not read back yet.
    this.turns = new TurnGate(
      () => (this.door.isOpen ? runningTurn(record.state) : undefined),
      () => ports.mayGoOn(record.id),
    )
    this.queue = new SessionQueue(record, ports.store, ports.clock, () => this.#derive())
  }

  get id(): string {
    return this.record.id
  }

  get summary(): Summary {
    return this.record.summary
  }

  get phase(): Phase {
    return this.#phase
  }

  get connector(): Connector | null {
    return this.door.connector
  }

  /** Made when it is needed: thousands of sessions have nothing to say. */
  get #log(): Log {
    return this.#ports.log.child({ sessionId: this.id })
  }

  /** Something is behind the session, or about to be. */
  get isBusy(): boolean {
    return this.door.connector !== null || this.door.opening !== null
  }

  /** The machine moved. */
  phaseChanged(phase: Phase): void {
    if (phase === this.#phase) return
    this.#phase = phase
    this.#ports.mayGoOn(this.id)
    if (this.#isApplying) return
    this.#derive()
    // What happened between the end of `open` and the machine's taking notice of it.
    if (this.door.isOpen) {
      const activity = activityOf(this.record.state, this.#isActive)
      if (activity !== phase) this.#ports.live(this.id, { type: 'activity', activity })
    }
  }

  /** Take one event of the current connector. Throws only on a fault of ours; the registry contains it. */
  receive(event: SessionEvent, now = this.#ports.clock.now()): void {
    if (event.type === 'append') {
      // The hot path: which items there are does not depend on texts still being gathered.
      this.record.apply(interpret(this.record.stream.state, event, now, this.record.sequence))
      this.#touchEvidence(now)
      return
    }
    if (event.type === 'status') {
      this.#statusReported(event.status, event.flags, now)
      if (this.door.isOpen)
        this.#ports.live(this.id, {
          type: 'activity',
          activity: activityOf(this.record.state, this.#isActive),
        })
      if (event.note !== undefined) this.#apply(patch(this.summary, { note: event.note }))
      // What is judged from a file is no news from Codex.
      if (event.note !== undefined) return
    }
    if (event.type === 'thread' && event.facts.rolloutPath) {
      this.record.patchPrivate({ rolloutPath: event.facts.rolloutPath })
    }
    const deltas = [
      ...interpret(this.record.state, event, now, this.record.sequence),
      ...this.#afterEvent(event, now),
    ]
    const bodies = event.type === 'item' ? new Map([[event.item.id, event.item.body]]) : undefined
    const unifiedDiff = event.type === 'diff' ? event.unified : undefined
    this.#apply(deltas, {
      ...(bodies ? { bodies } : {}),
      ...(unifiedDiff === undefined ? {} : { unifiedDiff }),
    })
    if (event.type === 'item') this.queue.seen(event.item, event.turnId)
    if (event.type === 'turnCompleted') this.#ports.turnEnded(this.id, event.turn.id, event.turn.completedAt)
    if (event.type === 'removed') this.#filling = this.#fillUp()
    if (event.type === 'reverted') void this.#revertedElsewhere()
    this.#touchEvidence(now)
  }

  /** Take what was read from a file, and the place it was read up to, as one. */
  receiveAll({ events, checkpoint, at, stamp, startsOver }: SourceBatch): void {
    this.record.together(
      () => {
        if (startsOver) this.#apply([{ op: 'reset', state: startedOver(this.record.state) }])
        let time = at ?? this.#ports.clock.now()
        for (const event of events) {
          time = timeOf(event) ?? time
          this.#ports.receive(this.id, event, time)
        }
        if (at !== null) this.#touchEvidence(at)
        if (stamp !== null && this.#isPastNew) this.#pastRead()
      },
      () => this.#ports.foreign.noteRead(this.id, this.summary.threadId, checkpoint, stamp),
    )
  }

  /** What was over before the hub came to know of it is nobody's news. */
  #pastRead(): void {
    this.#isPastNew = false
    const newest = this.record.state.turns.at(-1)
    if ((newest?.completedAt ?? 0) < this.#ports.startedAt) this.#apply(patch(this.summary, { unread: 0 }))
  }

  /** These turns, with all they are made of, are no longer part of the thread. Resolves when older ones took their place. */
  removeTurns(turnIds: readonly string[]): Promise<void> {
    this.receive({ type: 'removed', turnIds })
    return this.#filling
  }

  async #fillUp(): Promise<void> {
    // Not before the removal is written, which may be part of a larger change.
    await Promise.resolve()
    await fillUp(this.record, this.#ports.store).catch((error: unknown) => {
      this.#log.warn({ err: error }, 'what came before the removed turns could not be read')
    })
  }

  /** Somebody else took turns back: only the history says which. */
  async #revertedElsewhere(): Promise<void> {
    const { connector } = this
    try {
      const gone = connector ? await readGone(this.record, this.#ports.store, connector) : []
      if (gone.length > 0 && this.connector === connector) await this.removeTurns(gone)
    } catch (error) {
      this.#log.warn({ err: error }, 'which turns were taken back could not be read')
    }
  }

  /** The connector's source ended by itself. */
  sourceClosed(generation: number, cause: CloseCause): void {
    const door = this.connector?.door
    if (!this.door.lost(generation)) return
    const inTurn = activityOf(this.record.state, this.#isActive) !== 'idle'
    this.#isActive = null
    const now = this.#ports.clock.now()
    const { why, facts } = lossOf(door, cause, inTurn, now)
    if (door === 'driven')
      this.#log.warn({ cause: { ...cause, error: undefined } }, 'what was behind the session ended')
    else this.#log.info({ door, cause: why }, 'the session is not seen through this door any more')
    // Its phase leaves with what else changed: nobody sees a session without a door that is idle.
    this.#isApplying = true
    this.#ports.live(this.id, { type: 'sourceEnded', inTurn: inTurn && door === 'driven' })
    this.#isApplying = false
    this.#apply([...this.approvals.withdraw(this.record.state, why, now), ...patch(this.summary, facts)])
    this.#derive()
    void this.#ports.rested(this.id, door === 'driven')
  }

  /** The machine's `open` actor. */
  open(how: OpenHow): Promise<Activity> {
    return this.door.open(() => this.#open(how))
  }

  /** The machine's `stop` actor: whatever runs for this session is gone afterwards. */
  async stop(force: boolean): Promise<void> {
    await this.door.settled()
    await this.#letGo()?.stop({ force })
    this.#settleAfterEnd('The session was ended.', 'sessionEnded')
    await this.#ports.rested(this.id, true)
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
    this.refuseIfObserved()
    if (door.connector && door.isOpen) return door.connector
    const how = this.#ports.foreign.canJoin(this.summary.threadId) ? 'join' : 'resume'
    if (!door.opening) this.#ports.live(this.id, { type: 'open', how })
    if (!door.opening) {
      throw new HubError('notPossible', `The session is ${this.#phase}; try again when that is over.`, {
        phase: this.#phase,
      })
    }
    try {
      await door.opening
    } catch (error) {
      throw wireErrorOf(error)
    }
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
  }

  /**
   * Change what the session runs with from its next turn on. A child that runs on without a connection hears of it when it is
   * joined again; a new one is started with it. @throws ConnectorError
   */
  async configure(settings: SettingsRequest): Promise<void> {
    const { connector } = this
    if (connector) await connector.configure(settings)
    else this.#untold = joinSettings(this.#untold, settings)
    this.record.patchPrivate({ wanted: joinSettings(this.record.wanted, settings) })
    const facts = { type: 'thread', facts: { settings: settingsAfter(settings) } } as const
    this.#apply(interpret(this.record.state, facts, this.#ports.clock.now(), this.record.sequence))
  }

  /** Change facts by a command and whatever follows from them. */
  applyFacts(deltas: readonly Delta[]): void {
    this.#apply(deltas)
  }

  /** Read what Codex knows of an unfinished past, for a session nobody drives. Failures are logged and change nothing. */
  async reconcileDormant(): Promise<void> {
    const { threadId } = this.summary
    if (this.isBusy || threadId === null || !runningTurn(this.record.state)) return
    try {
      const history = await this.#ports.driver.readHistory(threadId, {
        maxTurns: RECONCILE_TURNS,
        codexHome: this.record.stored.codexHome,
      })
      if (this.isBusy) return
      await this.#catchUp(history)
    } catch (error) {
      this.#log.warn({ err: error }, 'the past of a dormant session could not be read')
      return
    }
    this.#settleAfterEnd('The Codex process ended before the turn did.', 'processDied')
  }

  async #open(how: OpenHow): Promise<Activity> {
    await this.record.hydrate()
    try {
      if ((how === 'resume' || how === 'join') && this.summary.counters.turns === 0) await this.#readPast()
      const connector = await this.door.connect(how)
      this.#isActive = connector.status.status === 'active'
      const { thread, codexVersion } = connector
      const facts = codexVersion === null ? thread : { ...thread, codexVersion }
      if (how === 'observe') await this.#observe(connector as ObservedSource, facts)
      else await this.#command(connector, how, facts)
      this.#derive()
      return activityOf(this.record.state, this.#isActive)
    } catch (error) {
      const { data, message } = wireErrorOf(error)
      const code = String(data.facts.fault ?? data.name)
      this.#log.warn({ err: error, how }, 'the session could not be opened')
      // A child of an earlier hub that is gone, or a door of others that closed, is no problem of the session's.
      if (how === 'rejoin' || how === 'join' || how === 'observe') this.#isActive = null
      else this.#openFailed(how, code, message)
      throw error
    }
  }

  #openFailed(how: OpenHow, code: string, message: string): void {
    const at = this.#ports.clock.now()
    // Its process is gone and stays gone: what it was doing is over.
    if (how === 'recover') this.#settleAfterEnd('The Codex process ended before the turn did.', 'processDied')
    const said =
      how === 'recover' ? `The Codex process ended and could not be brought back: ${message}` : message
    this.#apply(patch(this.summary, { problem: { code, message: said, at } }))
  }

  /** A connector through which Codex can be asked and told. */
  async #command(connector: Connector, how: OpenHow, facts: ThreadFacts): Promise<void> {
    const { clock, foreign, store } = this.#ports
    const inForce = await this.#tellSettings(connector, facts)
    const now = clock.now()
    const joined = how === 'rejoin' || how === 'join'
    // Before anything else: nobody may see the new door with texts that look whole.
    if (joined) this.#apply(holesIn(this.record.state))
    this.receive({ type: 'thread', facts: inForce })
    const why = 'The Codex process that asked is gone.'
    this.#apply([
      ...this.approvals.withdraw(
        this.record.state,
        why,
        now,
        // Of a child that was only out of reach; a new one has asked nothing under this name.
        ({ id }) => id.startsWith(`${connector.instance}:`),
      ),
      ...patch(this.summary, { note: null, reading: null }),
    ])
    // What is written to the rollout from here on reaches the session through this door.
    store.write(...foreign.noteRead(this.id, this.summary.threadId, null, null))
    if (this.door.isFork && how === 'create') {
      await this.#readBack(connector, FORK_TURNS)
      this.#apply(patch(this.summary, { unread: 0 }))
    } else if (how !== 'create') await this.#readBack(connector)
    if (this.#isPastNew) this.#pastRead()
    this.#statusReported(connector.status.status, connector.status.flags, now)
    if (!this.#isActive) this.#settleAfterEnd('The Codex process ended before the turn did.', 'processDied')
  }

  /** @returns the facts with the settings that are in force now @throws ConnectorError when the connection ends */
  async #tellSettings(connector: Connector, facts: ThreadFacts): Promise<ThreadFacts> {
    const inForce: Record<string, unknown> = { ...facts.settings }
    const untold = Object.entries(this.#untold).filter(
      ([name, value]) => !isDeepStrictEqual(inForce[name], value),
    )
    const settings: SettingsRequest = Object.fromEntries(untold)
    try {
      if (untold.length > 0) await connector.configure(settings)
    } catch (error) {
      const isRefused = error instanceof ConnectorError && !['closed', 'timeout'].includes(error.fault)
      if (!isRefused) throw error
      this.#log.warn({ err: error, settings }, 'Codex refused settings that were changed in its absence')
      this.#untold = {}
      return facts
    }
    this.#untold = {}
    return { ...facts, settings: { ...facts.settings, ...settings } }
  }

  async #readPast(): Promise<void> {
    this.#isPastNew = true
    await this.door.readPast()
  }

  /** A source that is only read. Its past is compared where the session has one already, else taken as it comes. */
  async #observe(source: ObservedSource, facts: ThreadFacts): Promise<void> {
    this.#apply(
      interpret(this.record.state, { type: 'thread', facts }, this.#ports.clock.now(), this.record.sequence),
    )
    this.#isPastNew = this.summary.counters.turns === 0
    if (source.operations.has('history')) {
      const history = await source.readHistory({ maxTurns: RECONCILE_TURNS })
      const events = await catchUp(this.record, this.#ports.store, history, () => false)
      const { checkpoint } = source
      this.receiveAll({ events, checkpoint, at: null, stamp: null, startsOver: false })
    }
    source.follow()
  }

  /** Compare with what Codex has; a failure costs completeness, not the session. */
  async #readBack(connector: Connector, maxTurns = RECONCILE_TURNS): Promise<void> {
    if (!connector.operations.has('history')) return
    try {
      await this.#catchUp(await connector.readHistory({ maxTurns }))
    } catch (error) {
      this.#log.warn({ err: error }, 'the history could not be read back')
    }
  }

  async #catchUp(history: readonly HistoryTurn[]): Promise<void> {
    const isActive = () => this.#isActive === true
    for (const event of await catchUp(this.record, this.#ports.store, history, isActive)) this.receive(event)
  }

  /** Nobody works on this thread here any more: nothing of it may look as if it were still going on (L3). */
  #settleAfterEnd(why: string, code: string): void {
    if (!this.record.isHydrated) return
    const now = this.#ports.clock.now()
    const deltas = this.approvals.withdraw(this.record.state, why, now)
    const turn = runningTurn(this.record.state)
    if (turn) {
      const ended = { type: 'turnCompleted', turn: cutOff(turn, why, code, now) } as const
      deltas.push(...interpret(this.record.state, ended, now, this.record.sequence))
    }
    this.#isActive = null
    this.#apply(deltas)
    this.record.writeGrowing()
  }

  #statusReported(status: 'idle' | 'active' | 'systemError', flags: readonly string[], now: number): void {
    this.#isActive = status === 'active'
    const isWaiting = flags.some((flag) => flag.startsWith('waitingOn'))
    if (!isWaiting && this.connector) {
      // Codex waits for nobody: what is still open here was answered or dropped while nobody told us.
      const why = 'Codex no longer waits for it.'
      this.#apply(this.approvals.withdraw(this.record.state, why, now))
    }
    this.#idleTimer?.cancel()
    this.#idleTimer = null
    if (status !== 'active' && this.connector?.line !== null && runningTurn(this.record.state)) {
      this.#idleTimer = this.#ports.clock.after(IDLE_WITHOUT_END_MS, () => void this.#endWithoutNotice())
    }
  }

  /** Codex called the thread idle and never said how the turn ended: ask. */
  async #endWithoutNotice(): Promise<void> {
    const { connector } = this
    if (!connector || this.#isActive || !runningTurn(this.record.state)) return
    await this.#readBack(connector)
    if (this.connector === connector && !this.#isActive) {
      this.#settleAfterEnd('Codex is idle and did not say how the turn ended.', 'endUnknown')
      this.#derive()
    }
  }

  /** What an event means for the approvals. */
  #afterEvent(event: SessionEvent, now: number): Delta[] {
    const { state } = this.record
    if (event.type === 'approvalResolved') return this.approvals.resolved(state, event.key, now)
    if (event.type === 'turnCompleted') {
      return this.approvals.withdraw(
        state,
        'The turn ended.',
        now,
        (approval) => approval.turnId !== event.turn.id,
      )
    }
    return []
  }

  #letGo(): Connector | null {
    this.#idleTimer?.cancel()
    return this.door.letGo()
  }

  /** Fold deltas with all that follows from them, in one revision. */
  #apply(deltas: readonly Delta[], whole: Parameters<SessionRecord['apply']>[1] = {}): void {
    if (deltas.length === 0) return
    const next = applyDeltas(this.record.state, deltas)
    // The machine answers at once through `phaseChanged`; its phase leaves in the same revision.
    if (this.door.isOpen) {
      this.#isApplying = true
      this.#ports.live(this.id, { type: 'activity', activity: activityOf(next, this.#isActive) })
      this.#isApplying = false
    }
    this.record.apply([...deltas, ...this.#derived(next)], whole)
    this.turns.look()
  }

  #derive(): void {
    if (this.record.isHydrated) this.record.apply(this.#derived(this.record.state))
    else this.record.patchSummary({ phase: this.#phase })
  }

  #derived(state: ReturnType<typeof applyDeltas>): Delta[] {
    return derivedDeltas(state, this.#phase, this.connector)
  }

  #touchEvidence(now: number): void {
    const { evidenceAt } = this.summary
    if (evidenceAt === null || now - evidenceAt >= EVIDENCE_MS)
      this.record.apply([{ op: 'summary', patch: { evidenceAt: now } }])
  }
}
