/**
 * One session: its record, its connector while it has one, and its open approvals. It decides what events mean and
 * carries out commands. Its phase comes from the machine, whose only sender is the registry (`ports.live`).
 */
import type { Clock, Timer } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { type Connector, ConnectorError, type ConnectorSink } from '../../connectors/connector.ts'
import type { Driver, ProcessRecord } from '../../connectors/driver.ts'
import type { HistoryTurn, SessionEvent } from '../../connectors/event.ts'
import type { CloseCause } from '../../jsonrpc/channel.ts'
import type { Store } from '../../persistence/store.ts'
import { applyDeltas } from '../../protocol/apply-delta.ts'
import type { Delta } from '../../protocol/delta.ts'
import { HubError } from '../../protocol/errors.ts'
import type { Phase, Summary } from '../../protocol/summary.ts'
import { Approvals } from './approvals.ts'
import { wireErrorOf } from './connector-failure.ts'
import { activityOf, attentionOf, capabilitiesOf, runningTurn } from './derive.ts'
import { interpret, patch } from './interpret.ts'
import type { Activity, LifeEvent, OpenHow } from './machine.ts'
import { type KnownTurn, reconcile } from './reconcile.ts'
import type { SessionRecord } from './record.ts'

/** How much of a thread's past is compared after the hub was away. Turns. */
const RECONCILE_TURNS = 20
/** `evidenceAt` is told to clients at most this often. Milliseconds. */
const EVIDENCE_MS = 5_000
/** How long a turn may stay open after Codex called the thread idle before its end is looked up. Milliseconds. */
const IDLE_WITHOUT_END_MS = 3_000
/** Waits between attempts to bring back a session whose process died. Milliseconds. */
const RECOVER_WAITS_MS = [0, 500, 2_000]

export interface SessionPorts {
  readonly driver: Driver
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  /** Send an event into the session's machine. */
  live(sessionId: string, event: LifeEvent): void
  /** Deliver a connector's event through the registry, which isolates faults. */
  receive(sessionId: string, event: SessionEvent): void
  sourceClosed(sessionId: string, connectorId: number, cause: CloseCause): void
}

export class Session {
  readonly record: SessionRecord
  readonly approvals = new Approvals()
  readonly #ports: SessionPorts
  readonly #log: Log
  #phase: Phase
  #connector: Connector | null = null
  /** Counts connectors: what an old one reports late must not touch the new one's session. */
  #generation = 0
  /** Codex's own word, null where it gave none. */
  #isActive: boolean | null = null
  #opening: Promise<Activity> | null = null
  #process: ProcessRecord | null = null
  #idleTimer: Timer | null = null
  /** The machine's answer to what is being applied leaves with it, not before it. */
  #isApplying = false
  #isStartingTurn = false
  readonly #turnWaits = new Set<() => void>()

  constructor(record: SessionRecord, ports: SessionPorts) {
    this.record = record
    this.#ports = ports
    this.#log = ports.log.child({ sessionId: record.id })
    this.#phase = record.summary.phase
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
    return this.#connector
  }

  /** The current attempt to open the door, if one runs. */
  get opening(): Promise<Activity> | null {
    return this.#opening
  }

  /** The process of an earlier hub that a rejoin should look for. */
  set process(process: ProcessRecord | null) {
    this.#process = process
  }

  /** The machine moved. */
  phaseChanged(phase: Phase): void {
    if (phase === this.#phase) return
    this.#phase = phase
    if (this.#isApplying) return
    this.#derive()
    // What happened between the end of `open` and the machine's taking notice of it.
    if (this.#connector && !this.#opening) {
      const activity = activityOf(this.record.state, this.#isActive)
      if (activity !== phase) this.#ports.live(this.id, { type: 'activity', activity })
    }
  }

  /** Take one event of the current connector. Throws only on a fault of ours; the registry contains it. */
  receive(event: SessionEvent): void {
    const { clock } = this.#ports
    const now = clock.now()
    if (event.type === 'append') {
      // The hot path: which items there are does not depend on texts still being gathered.
      this.record.apply(interpret(this.record.stream.state, event, now, this.record.sequence))
      this.#touchEvidence(now)
      return
    }
    if (event.type === 'status') this.#statusReported(event.status, event.flags, now)
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
    this.#touchEvidence(now)
  }

  /** The connector's source ended by itself. */
  sourceClosed(generation: number, cause: CloseCause): void {
    if (generation !== this.#generation || !this.#connector) return
    this.#log.warn({ cause: { ...cause, error: undefined } }, 'what was behind the session ended')
    const inTurn = activityOf(this.record.state, this.#isActive) !== 'idle'
    this.#connector = null
    this.#isActive = null
    const now = this.#ports.clock.now()
    this.#apply(
      this.approvals.withdraw(this.record.state, `The Codex process ended (${cause.message}).`, now),
    )
    if (inTurn) {
      const message = `The Codex process ended while a turn was running (${cause.message}).`
      this.#apply(patch(this.summary, { problem: { code: 'processDied', message, at: now } }))
    }
    this.#ports.live(this.id, { type: 'sourceEnded', inTurn })
    this.#derive()
  }

  /** The machine's `open` actor. */
  open(how: OpenHow): Promise<Activity> {
    const opening = this.#open(how).finally(() => {
      if (this.#opening === opening) this.#opening = null
    })
    this.#opening = opening
    // The machine and the commands await it; a failure nobody awaits is still told in the summary.
    opening.catch(() => {})
    return opening
  }

  /** The machine's `stop` actor: whatever runs for this session is gone afterwards. */
  async stop(force: boolean): Promise<void> {
    await this.#opening?.catch(() => {})
    const connector = this.#letGo()
    await connector?.stop({ force })
    this.#settleAfterEnd('The session was ended.', 'sessionEnded')
  }

  /** Let the process go on without this hub. */
  async detach(): Promise<void> {
    await this.#opening?.catch(() => {})
    await this.#letGo()?.detach()
    this.record.writeGrowing()
  }

  /** Make sure that a live connector is there, resuming the thread where it is not. @throws HubError */
  async ensureLive(): Promise<Connector> {
    if (this.#connector && !this.#opening) return this.#connector
    if (!this.#opening) this.#ports.live(this.id, { type: 'open', how: 'resume' })
    if (!this.#opening) {
      throw new HubError('notPossible', `The session is ${this.#phase}; try again when that is over.`, {
        phase: this.#phase,
      })
    }
    try {
      await this.#opening
    } catch (error) {
      throw wireErrorOf(error)
    }
    if (!this.#connector)
      throw wireErrorOf(new ConnectorError('closed', 'The session ended while it was opened.'))
    return this.#connector
  }

  /**
   * Take the right to start a turn until the returned function is called.
   * @throws HubError `notPossible` while a turn runs or another one is being started
   */
  reserveTurn(): () => void {
    if (this.#isStartingTurn) throw turnInProgress(null)
    this.refuseInTurn()
    this.#isStartingTurn = true
    return () => {
      this.#isStartingTurn = false
    }
  }

  /** @throws HubError `notPossible` while a turn runs: Codex would fold a second prompt into it. */
  refuseInTurn(): void {
    // While the door opens, a turn may look open that is only not read back yet.
    const running = this.#connector && !this.#opening ? runningTurn(this.record.state) : undefined
    if (running) throw turnInProgress(running.id)
  }

  /** Codex took a prompt. Its `turn/started` is on its way; until then nothing may look idle. */
  turnAccepted(turnId: string): void {
    if (this.record.state.turns.some((turn) => turn.id === turnId)) return
    const turn = {
      id: turnId,
      status: 'inProgress' as const,
      error: null,
      startedAt: null,
      completedAt: null,
    }
    this.receive({ type: 'turnStarted', turn })
  }

  /** Resolves when the turn is over, or after `limitMs`. */
  turnEnd(turnId: string, limitMs: number, clock: Clock): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        timer.cancel()
        this.#turnWaits.delete(check)
        resolve()
      }
      const check = (): void => {
        if (runningTurn(this.record.state)?.id !== turnId) done()
      }
      const timer = clock.after(limitMs, done)
      this.#turnWaits.add(check)
      check()
    })
  }

  /** Change facts by a command and whatever follows from them. */
  applyFacts(deltas: readonly Delta[]): void {
    this.#apply(deltas)
  }

  /** Read what Codex knows of an unfinished past, for a session nobody drives. Failures are logged and change nothing. */
  async reconcileDormant(): Promise<void> {
    const { threadId } = this.summary
    if (this.#connector || this.#opening || threadId === null || !runningTurn(this.record.state)) return
    try {
      const history = await this.#ports.driver.readHistory(threadId, { maxTurns: RECONCILE_TURNS })
      if (this.#connector || this.#opening) return
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
      const connector = await this.#connect(how)
      this.#connector = connector
      this.#isActive = connector.status.status === 'active'
      this.receive({ type: 'thread', facts: { ...connector.thread, codexVersion: connector.codexVersion } })
      const now = this.#ports.clock.now()
      if (how === 'rejoin') this.#markHoles()
      else
        this.#apply(this.approvals.withdraw(this.record.state, 'The Codex process that asked is gone.', now))
      if (how !== 'create') await this.#readBack(connector)
      this.#statusReported(connector.status.status, connector.status.flags, now)
      if (!this.#isActive) this.#settleAfterEnd('The Codex process ended before the turn did.', 'processDied')
      this.#derive()
      return activityOf(this.record.state, this.#isActive)
    } catch (error) {
      const { data, message } = wireErrorOf(error)
      const code = String(data.facts.fault ?? data.name)
      this.#log.warn({ err: error, how }, 'the session could not be opened')
      // A child of an earlier hub that is gone is no problem of the session's: it simply does not run.
      if (how === 'rejoin') this.#isActive = null
      else this.#apply(patch(this.summary, { problem: { code, message, at: this.#ports.clock.now() } }))
      throw error
    }
  }

  async #connect(how: OpenHow): Promise<Connector> {
    const { driver, clock } = this.#ports
    this.#generation += 1
    const generation = this.#generation
    const sink: ConnectorSink = {
      receive: (event) => {
        if (generation === this.#generation) this.#ports.receive(this.id, event)
      },
      closed: (cause) => this.#ports.sourceClosed(this.id, generation, cause),
    }
    const { cwd, threadId } = this.summary
    const options = { sessionId: this.id, cwd, settings: this.record.wanted, sink }
    if (how === 'create') return driver.create(options)
    if (threadId === null)
      throw new ConnectorError('threadNotFound', 'The session has no Codex thread to resume.')
    if (how === 'rejoin') {
      if (!this.#process) throw new ConnectorError('closed', 'No process of an earlier hub is known.')
      return driver.rejoin(this.#process, threadId, options)
    }
    if (how === 'resume') return driver.resume(threadId, options)
    let last: unknown
    for (const waitMs of RECOVER_WAITS_MS) {
      await new Promise<void>((resolve) => clock.after(waitMs, resolve))
      try {
        return await driver.resume(threadId, options)
      } catch (error) {
        last = error
      }
    }
    throw last
  }

  /** Compare with what Codex has; a failure costs completeness, not the session. */
  async #readBack(connector: Connector): Promise<void> {
    if (!connector.operations.has('history')) return
    try {
      await this.#catchUp(await connector.readHistory({ maxTurns: RECONCILE_TURNS }))
    } catch (error) {
      this.#log.warn({ err: error }, 'the history could not be read back')
    }
  }

  async #catchUp(history: readonly HistoryTurn[]): Promise<void> {
    const known = await this.#knownTurns(history.length + RECONCILE_TURNS)
    // What streamed while the store was read is in the state already: compare with that too.
    const fresh = new Map(this.record.state.items.map((item) => [item.id, item]))
    const turns = new Map(this.record.state.turns.map((turn) => [turn.id, turn]))
    const merged: KnownTurn[] = known.map(({ turn, items }) => ({
      turn: turns.get(turn.id) ?? turn,
      items: items.map((item) => fresh.get(item.id) ?? item),
    }))
    for (const event of reconcile(merged, history)) {
      // A turn that runs in the live process is not over because a reading of its file says so.
      if (
        event.type === 'turnCompleted' &&
        this.#isActive &&
        event.turn.id === runningTurn(this.record.state)?.id
      )
        continue
      this.receive(event)
    }
  }

  async #knownTurns(limit: number): Promise<KnownTurn[]> {
    const { store } = this.#ports
    const sessionId = this.id
    this.record.writeGrowing()
    const { rows } = await store.listTurns({ sessionId, limit })
    const known = rows.map(async (turn): Promise<KnownTurn> => {
      const items = await store.listItems({ sessionId, turnId: turn.id, order: 'oldestFirst', limit: 500 })
      return { turn, items: items.rows }
    })
    return (await Promise.all(known)).toSorted((a, b) => a.turn.seq - b.turn.seq)
  }

  /** Nobody works on this thread here any more: nothing of it may look as if it were still going on (L3). */
  #settleAfterEnd(why: string, code: string): void {
    if (!this.record.isHydrated) return
    const now = this.#ports.clock.now()
    const deltas = this.approvals.withdraw(this.record.state, why, now)
    const turn = runningTurn(this.record.state)
    if (turn) {
      const { id, startedAt } = turn
      const ended = {
        id,
        status: 'interrupted' as const,
        error: { message: why, code },
        startedAt,
        completedAt: now,
      }
      deltas.push(
        ...interpret(this.record.state, { type: 'turnCompleted', turn: ended }, now, this.record.sequence),
      )
    }
    this.#isActive = null
    this.#apply(deltas)
    this.record.writeGrowing()
  }

  #markHoles(): void {
    const deltas: Delta[] = []
    for (const item of this.record.state.items) {
      if (item.status === 'inProgress')
        deltas.push({ op: 'itemPatch', itemId: item.id, hole: true, body: {} })
    }
    this.#apply(deltas)
  }

  #statusReported(status: 'idle' | 'active' | 'systemError', flags: readonly string[], now: number): void {
    this.#isActive = status === 'active'
    const isWaiting = flags.some((flag) => flag.startsWith('waitingOn'))
    if (!isWaiting && this.#connector) {
      // Codex waits for nobody: what is still open here was answered or dropped while nobody told us.
      const why = 'Codex no longer waits for it.'
      this.#apply(this.approvals.withdraw(this.record.state, why, now))
    }
    this.#idleTimer?.cancel()
    this.#idleTimer = null
    if (status !== 'active' && runningTurn(this.record.state)) {
      this.#idleTimer = this.#ports.clock.after(IDLE_WITHOUT_END_MS, () => void this.#endWithoutNotice())
    }
  }

  /** Codex called the thread idle and never said how the turn ended: ask. */
  async #endWithoutNotice(): Promise<void> {
    const connector = this.#connector
    if (!connector || this.#isActive || !runningTurn(this.record.state)) return
    await this.#readBack(connector)
    if (this.#connector === connector && !this.#isActive) {
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
    const connector = this.#connector
    this.#connector = null
    this.#generation += 1
    this.#idleTimer?.cancel()
    return connector
  }

  /** Fold deltas with all that follows from them, in one revision. */
  #apply(deltas: readonly Delta[], whole: Parameters<SessionRecord['apply']>[1] = {}): void {
    if (deltas.length === 0) return
    const next = applyDeltas(this.record.state, deltas)
    // The machine answers at once through `phaseChanged`; its phase leaves in the same revision.
    if (this.#connector && !this.#opening) {
      this.#isApplying = true
      this.#ports.live(this.id, { type: 'activity', activity: activityOf(next, this.#isActive) })
      this.#isApplying = false
    }
    this.record.apply([...deltas, ...this.#derived(next)], whole)
    for (const check of this.#turnWaits) check()
  }

  #derive(): void {
    if (this.record.isHydrated) this.record.apply(this.#derived(this.record.state))
    else this.record.patchSummary({ phase: this.#phase })
  }

  #derived(state: ReturnType<typeof applyDeltas>): Delta[] {
    return patch(state.summary, {
      phase: this.#phase,
      door: this.#connector?.door ?? 'dormant',
      attention: attentionOf(state),
      capabilities: capabilitiesOf(this.#phase, this.#connector, state.summary.threadId),
    })
  }

  #touchEvidence(now: number): void {
    const { evidenceAt } = this.summary
    if (evidenceAt === null || now - evidenceAt >= EVIDENCE_MS)
      this.record.apply([{ op: 'summary', patch: { evidenceAt: now } }])
  }
}

function turnInProgress(turnId: string | null): HubError {
  return new HubError('notPossible', 'A turn is running; wait for its end or interrupt it.', {
    reason: 'turnInProgress',
    turnId,
  })
}
