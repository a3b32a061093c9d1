/**
 * The facts of one session as they are told: every change goes through `apply`, which folds it together with all that
 * follows from it, the phase included, into one revision. It holds what Codex last said of its own activity; it never
 * talks to Codex.
 */
import type { Clock } from '../../base/clock.ts'
import type { SessionEvent } from '../../connectors/event.ts'
import { applyDeltas } from '../../protocol/apply-delta.ts'
import type { Approval } from '../../protocol/approval.ts'
import type { Delta } from '../../protocol/delta.ts'
import type { SessionState } from '../../protocol/session-state.ts'
import type { Phase, Summary } from '../../protocol/summary.ts'
import { Approvals } from './approvals.ts'
import { activityOf, derivedDeltas, runningTurn } from './derive.ts'
import type { SessionDoor } from './door.ts'
import { cutOff } from './endings.ts'
import { interpret } from './interpret.ts'
import { append, isKnownItem } from './items.ts'
import type { Activity, LifeEvent } from './machine.ts'
import type { SessionRecord } from './record.ts'
import type { Whole } from './record-writer.ts'
import { patch } from './summary-patch.ts'
import { TurnGate } from './turn-gate.ts'

/** `evidenceAt` is told to clients at most this often. Milliseconds. */
const EVIDENCE_MS = 5_000

/** The machine waits for a door that is being opened. */
const OPENING: ReadonlySet<Phase> = new Set(['starting', 'recovering'])

export interface FactsPorts {
  readonly clock: Clock
  /** Send an event into the session's machine. */
  live(sessionId: string, event: LifeEvent): void
  /** Something changed after which a prompt that waits might be sent. */
  mayGoOn(sessionId: string): void
}

export class SessionFacts {
  readonly record: SessionRecord
  readonly approvals = new Approvals()
  readonly turns: TurnGate
  readonly #door: SessionDoor
  readonly #ports: FactsPorts
  #phase: Phase
  /** Codex's own word, null where it gave none. */
  isActive: boolean | null = null
  /** The machine's answer to what is being applied leaves with it, not before it. */
  #isApplying = false
  readonly #whenOpened: (() => void)[] = []

  constructor(record: SessionRecord, door: SessionDoor, ports: FactsPorts) {
    this.record = record
    this.#door = door
    this.#ports = ports
    this.#phase = record.summary.phase
    // While the door opens, a turn may look open that is only not read back yet.
    this.turns = new TurnGate(
      () => (door.isOpen ? this.runningTurn : undefined),
      () => ports.mayGoOn(record.id),
    )
  }

  get phase(): Phase {
    return this.#phase
  }

  get summary(): Summary {
    return this.record.summary
  }

  get activity(): Activity {
    return activityOf(this.record.state, this.isActive)
  }

  get runningTurn(): SessionState['turns'][number] | undefined {
    return runningTurn(this.record.state)
  }

  /** Resolves when the machine has taken notice of what opening the door came to: only then the phase says it. */
  opened(): Promise<void> {
    return OPENING.has(this.#phase)
      ? new Promise((resolve) => this.#whenOpened.push(resolve))
      : Promise.resolve()
  }

  /** The machine moved. */
  phaseChanged(phase: Phase): void {
    if (phase === this.#phase) return
    this.#phase = phase
    if (!OPENING.has(phase)) for (const resolve of this.#whenOpened.splice(0)) resolve()
    this.#ports.mayGoOn(this.record.id)
    if (this.#isApplying) return
    this.derive()
    // What happened between the end of `open` and the machine's taking notice of it.
    if (this.#door.isOpen) this.tellActivity()
  }

  /** Tell the machine what Codex shows the session to be doing. */
  tellActivity(): void {
    const { activity } = this
    if (activity !== this.#phase) this.#ports.live(this.record.id, { type: 'activity', activity })
  }

  /** Send an event into the machine whose new phase leaves with what is applied next. */
  move(event: LifeEvent): void {
    this.#isApplying = true
    this.#ports.live(this.record.id, event)
    this.#isApplying = false
  }

  /** Fold deltas with all that follows from them, in one revision. */
  apply(deltas: readonly Delta[], whole: Whole = {}): void {
    if (deltas.length === 0) return
    const next = applyDeltas(this.record.state, deltas)
    if (this.#door.isOpen) {
      const activity = activityOf(next, this.isActive)
      // The machine answers at once through `phaseChanged`; its phase leaves in the same revision.
      if (activity !== this.#phase) this.move({ type: 'activity', activity })
    }
    this.record.apply([...deltas, ...this.#derived(next)], whole)
    this.turns.look()
  }

  /** More of a text: the hot path. Which items there are does not depend on texts still being gathered. */
  text(event: Extract<SessionEvent, { type: 'append' }>, now: number): void {
    const { record } = this
    const { state } = record.stream
    if (isKnownItem(state, event.itemId)) record.append(append(event))
    else record.apply(interpret(state, event, now, record.sequence))
    this.heard(now)
  }

  /** Fold what one event says. */
  tell(event: SessionEvent): void {
    this.apply(interpret(this.record.state, event, this.#ports.clock.now(), this.record.sequence))
  }

  /** Change the summary, and what follows from it. */
  patch(facts: Partial<Summary>): void {
    this.apply(patch(this.summary, facts))
  }

  /** Tell what follows from facts that were told already. */
  derive(): void {
    if (this.record.isHydrated) this.record.apply(this.#derived(this.record.state))
    else this.record.patchSummary({ phase: this.#phase })
  }

  /** Nobody can answer the open approvals any more, but those that `keep` names. */
  withdraw(why: string, keep?: (approval: Approval) => boolean): Delta[] {
    return this.approvals.withdraw(this.record.state, why, this.#ports.clock.now(), keep)
  }

  /** Nobody works on this thread here any more: nothing of it may look as if it were still going on (L3). */
  settle(why: string, code: string): void {
    if (!this.record.isHydrated) return
    const now = this.#ports.clock.now()
    const deltas = this.withdraw(why)
    const turn = this.runningTurn
    if (turn) {
      const ended = { type: 'turnCompleted', turn: cutOff(turn, why, code, now) } as const
      deltas.push(...interpret(this.record.state, ended, now, this.record.sequence))
    }
    this.isActive = null
    this.apply(deltas)
    this.record.writeGrowing()
  }

  /** Codex, or its file, was heard. */
  heard(now: number): void {
    const { evidenceAt } = this.summary
    if (evidenceAt === null || now - evidenceAt >= EVIDENCE_MS)
      this.record.apply([{ op: 'summary', patch: { evidenceAt: now } }])
  }

  #derived(state: SessionState): Delta[] {
    return derivedDeltas(state, this.#phase, this.#door.connector, this.#door.isConnecting)
  }
}
