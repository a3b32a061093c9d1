/**
 * What the hub knows of one session: its summary always, its state while somebody needs it. It folds deltas, keeps the
 * store in step and tells the list. It decides nothing and never talks to Codex.
 */
import type { Clock } from '../../base/clock.ts'
import type { Change } from '../../persistence/change.ts'
import type { Store } from '../../persistence/store.ts'
import type { StoredSession } from '../../persistence/stored.ts'
import { EMPTY_STATE } from '../../protocol/apply-delta.ts'
import type { AppendDelta, Delta } from '../../protocol/delta.ts'
import { applyQueueDelta, EMPTY_QUEUE, type Queue, type QueueDelta } from '../../protocol/queue.ts'
import type { SessionState } from '../../protocol/session-state.ts'
import type { SettingsRequest } from '../../protocol/settings.ts'
import type { Summary } from '../../protocol/summary.ts'
import { sessionStreamKind } from '../stream/session-stream.ts'
import { Stream } from '../stream/stream.ts'
import type { Sequence } from './items.ts'
import type { PartialWrites } from './partial-writes.ts'
import { RecordWriter, type Whole } from './record-writer.ts'
import { readState } from './stored-window.ts'

export interface RecordPorts {
  readonly store: Store
  readonly clock: Clock
  readonly partialWrites: PartialWrites
  /** A new epoch; different in every call. */
  mintEpoch(): string
  /** Fields of the summary changed. */
  summaryChanged(sessionId: string, patch: Partial<Summary>): void
}

export class SessionRecord {
  readonly #ports: RecordPorts
  #stored: StoredSession
  #stream: Stream<SessionState, Delta> | null = null
  #queue: Queue = EMPTY_QUEUE
  #hydrating: Promise<void> | null = null
  #uses = 0
  /** How often turns left. */
  removals = 0
  readonly #writer: RecordWriter

  constructor(stored: StoredSession, ports: RecordPorts) {
    this.#stored = stored
    this.#ports = ports
    this.#writer = new RecordWriter(this, ports)
  }

  get id(): string {
    return this.#stored.summary.id
  }

  get summary(): Summary {
    return this.#stream?.state.summary ?? this.#stored.summary
  }

  get stored(): StoredSession {
    return this.#stored
  }

  get isHydrated(): boolean {
    return this.#stream !== null
  }

  /** Somebody follows it. */
  get isFollowed(): boolean {
    return this.#stream !== null && this.#stream.subscriberCount > 0
  }

  /** The live stream. @throws when the record is not hydrated. */
  get stream(): Stream<SessionState, Delta> {
    if (!this.#stream) throw new Error(`Session ${this.id} is not hydrated.`)
    return this.#stream
  }

  get state(): SessionState {
    return this.stream.latest
  }

  /** What waits to be sent, hydrated or not. */
  get queue(): Queue {
    return this.#stream ? this.state.queue : this.#queue
  }

  set queue(queue: Queue) {
    this.#queue = queue
  }

  /** Change the queue, hydrated or not, and what the summary says of it; it is stored by its own room. */
  changeQueue(deltas: readonly QueueDelta[], shown: Partial<Summary>): void {
    if (this.#stream) {
      this.apply(Object.keys(shown).length === 0 ? deltas : [...deltas, { op: 'summary', patch: shown }])
      return
    }
    this.#queue = deltas.reduce(applyQueueDelta, this.#queue)
    this.patchSummary(shown)
  }

  readonly sequence: Sequence = {
    takeTurn: () => this.#take('turn'),
    takeItem: () => this.#take('item'),
    unended: new Map(),
  }

  /** Read the state from the store, once; later calls share the first. */
  hydrate(): Promise<void> {
    if (this.#stream) return Promise.resolve()
    this.#hydrating ??= this.#load().finally(() => {
      this.#hydrating = null
    })
    return this.#hydrating
  }

  /** A session that has no past: nothing to read. */
  begin(): void {
    this.#open({ ...EMPTY_STATE, summary: this.#stored.summary })
    this.#writeSession()
  }

  /** Until `run` is over, a state that was read is not forgotten. */
  async keep<T>(run: () => Promise<T>): Promise<T> {
    this.#uses += 1
    try {
      return await run()
    } finally {
      this.#uses -= 1
    }
  }

  /** Forget the state; the summary and the store stay. Refused while somebody follows or needs it. */
  dehydrate(): boolean {
    if (!this.#stream || this.#stream.subscriberCount > 0 || this.#uses > 0 || this.#hydrating) return false
    this.writeGrowing()
    this.#stored = { ...this.#stored, summary: this.#stream.state.summary }
    this.#queue = this.#stream.state.queue
    this.#stream = null
    return true
  }

  get isRetired(): boolean {
    return this.#writer.isRetired
  }

  /** The session is no more, or the hub: nothing of it is written from here on. */
  retire(): void {
    this.#writer.retire()
  }

  /** Fold deltas, send them to whoever follows, and write what they changed. Needs a hydrated record. */
  apply(deltas: readonly Delta[], whole: Whole = {}): void {
    if (deltas.length === 0) return
    const stream = this.stream
    stream.push(deltas)
    let patch: Partial<Summary> = {}
    let isSummaryChanged = false
    for (const delta of deltas) {
      if (delta.op === 'summary') {
        patch = { ...patch, ...delta.patch }
        isSummaryChanged = true
        continue
      }
      if (delta.op === 'reset' || delta.op === 'remove') this.removals += 1
      this.#writer.delta(delta, stream.state, whole)
    }
    if (isSummaryChanged) {
      this.#writeSession()
      this.#ports.summaryChanged(this.id, patch)
    }
  }

  /** `apply` for one more piece of a text, of which there are thousands a second. */
  append(delta: AppendDelta): void {
    this.stream.push([delta])
    this.#writer.grows(delta.itemId)
  }

  /** Send deltas that say what the store holds already. */
  show(deltas: readonly Delta[]): void {
    if (deltas.length > 0) this.stream.push(deltas)
  }

  /** Run, and commit all that it changes, and `more`, in one transaction. */
  together(run: () => void, more: () => readonly Change[]): void {
    this.#writer.together(run, more)
  }

  /** Change the summary, hydrated or not. */
  patchSummary(patch: Partial<Summary>): void {
    if (Object.keys(patch).length === 0) return
    if (this.#stream) {
      this.apply([{ op: 'summary', patch }])
      return
    }
    this.#stored = { ...this.#stored, summary: { ...this.#stored.summary, ...patch } }
    this.#writeSession()
    this.#ports.summaryChanged(this.id, patch)
  }

  /** Change what only the hub needs to know. */
  patchPrivate(patch: Partial<Pick<StoredSession, 'rolloutPath' | 'codexHome' | 'wanted' | 'untold'>>): void {
    this.#stored = { ...this.#stored, ...patch }
    this.#writeSession()
  }

  get wanted(): SettingsRequest {
    return this.#stored.wanted
  }

  /** Write the texts that still grow and the diff now. */
  writeGrowing(): void {
    this.#writer.growing()
  }

  /** The state with all texts that were gathered; null while it is not hydrated. */
  settled(): SessionState | null {
    this.#stream?.flush()
    return this.#stream?.state ?? null
  }

  #take(what: 'turn' | 'item'): number {
    const seq = this.#stored.nextSeq[what]
    this.#stored = { ...this.#stored, nextSeq: { ...this.#stored.nextSeq, [what]: seq + 1 } }
    return seq
  }

  #writeSession(): void {
    this.#stored = { ...this.#stored, summary: this.summary }
    this.#writer.session()
  }

  #open(state: SessionState): void {
    this.#stream = new Stream(sessionStreamKind(this.id), state, this.#ports.mintEpoch(), this.#ports.clock)
  }

  async #load(): Promise<void> {
    const { state, unifiedDiff } = await readState(this.#ports.store, this.id, () => this.#stored.summary)
    this.#writer.unifiedDiff = unifiedDiff
    // A crash may have kept a row and lost the count: a number that is in use is never given again.
    const { nextSeq } = this.#stored
    this.#stored = {
      ...this.#stored,
      nextSeq: {
        turn: Math.max(nextSeq.turn, ...state.turns.map(({ seq }) => seq + 1)),
        item: Math.max(nextSeq.item, ...state.items.map(({ seq }) => seq + 1)),
      },
    }
    this.#open({ ...state, queue: this.#queue })
  }
}
