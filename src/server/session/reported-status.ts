/**
 * What Codex says of a thread's activity, held against what the session shows: approvals it no longer waits for, and
 * turns whose end it never told.
 */
import type { Clock, Timer } from '../../base/clock.ts'
import type { Connector } from '../../connectors/connector.ts'
import type { SessionDoor } from './door.ts'
import type { SessionFacts } from './facts.ts'

/** How long a turn may stay open after Codex called the thread idle before its end is looked up. Milliseconds. */
const IDLE_WITHOUT_END_MS = 3_000

export class ReportedStatus {
  readonly #facts: SessionFacts
  readonly #door: SessionDoor
  readonly #readBack: (connector: Connector) => Promise<void>
  readonly #clock: Clock
  #timer: Timer | null = null

  constructor(
    facts: SessionFacts,
    door: SessionDoor,
    readBack: (connector: Connector) => Promise<void>,
    clock: Clock,
  ) {
    this.#facts = facts
    this.#door = door
    this.#readBack = readBack
    this.#clock = clock
  }

  status(status: 'idle' | 'active' | 'systemError', flags: readonly string[]): void {
    this.#facts.isActive = status === 'active'
    const isWaiting = flags.some((flag) => flag.startsWith('waitingOn'))
    if (!isWaiting && this.#door.connector) {
      // Codex waits for nobody: what is still open here was answered or dropped while nobody told us.
      this.#facts.apply(this.#facts.withdraw('Codex no longer waits for it.'))
    }
    this.forget()
    if (status !== 'active' && this.#door.connector?.line !== null && this.#facts.runningTurn) {
      this.#timer = this.#clock.after(IDLE_WITHOUT_END_MS, () => void this.#endWithoutNotice())
    }
  }

  /** Nobody is there to ask any more. */
  forget(): void {
    this.#timer?.cancel()
    this.#timer = null
  }

  /** Codex called the thread idle and never said how the turn ended: ask. */
  async #endWithoutNotice(): Promise<void> {
    const { connector } = this.#door
    if (!connector || this.#facts.isActive || !this.#facts.runningTurn) return
    await this.#readBack(connector)
    if (this.#door.connector !== connector || this.#facts.isActive) return
    this.#facts.settle('Codex is idle and did not say how the turn ended.', 'endUnknown')
    this.#facts.derive()
  }
}
