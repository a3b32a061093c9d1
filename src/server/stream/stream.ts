/**
 * A stream: a state, its revisions and everybody who follows it. It is the only place where a revision is given, so
 * revisions have no holes, and `subscribe` is one synchronous step (L5). It knows nothing of sockets or sessions.
 */
import type { Clock, Timer } from '../../base/clock.ts'
import type { Cursor } from '../../protocol/cursor.ts'
import { Frame, type Notification } from './frame.ts'
import { Pace } from './pace.ts'

export interface Subscriber {
  /** Take one frame of the live stream. Must not throw. */
  deliver(frame: Frame): void
}

/** What makes a session's stream differ from the list's. */
export interface StreamKind<S, D> {
  /** Fold deltas onto a state; the protocol's pure reducer. */
  fold(state: S, deltas: readonly D[]): S
  /** Add a delta to those gathered, merging where that changes nothing. */
  merge(gathered: D[], delta: D): void
  /** Whether a delta may wait for others; every other one sends what was gathered before it at once. */
  isGatherable(delta: D): boolean
  snapshotParts(state: S): D[][]
  deltaFrame(cursor: Cursor, deltas: readonly D[]): Notification
  snapshotFrame(cursor: Cursor, part: number, last: boolean, deltas: readonly D[]): Notification
  /** Rough weight of deltas in bytes. */
  weigh(deltas: readonly D[]): number
}

export type SubscribeAnswer =
  | { readonly mode: 'deltas'; readonly frames: readonly Frame[]; readonly reason: null }
  | {
      readonly mode: 'snapshot'
      readonly frames: readonly Frame[]
      readonly reason: 'noCursor' | 'otherEpoch' | 'tooOld' | 'ahead'
    }

/** Text that nobody waits for is gathered for so long; who joins has it at once. Milliseconds. */
const UNWATCHED_MS = 5_000
/** Frames kept for replay, per stream. Bytes, by weight. */
const REPLAY_BYTES = 256 * 1024

export class Stream<S, D> {
  readonly #kind: StreamKind<S, D>
  readonly #clock: Clock
  readonly epoch: string
  readonly #subscribers = new Set<Subscriber>()
  readonly #pace = new Pace()
  #state: S
  #revision = 0
  #gathered: D[] = []
  #latest: S | null = null
  #timer: Timer | null = null
  #replay: { frame: Frame; bytes: number }[] = []
  #replayBytes = 0
  #snapshot: { revision: number; frames: readonly Frame[] } | null = null
  #frames = 0

  constructor(kind: StreamKind<S, D>, state: S, epoch: string, clock: Clock) {
    this.#kind = kind
    this.#state = state
    this.epoch = epoch
    this.#clock = clock
  }

  /** What there is before anybody follows: no revision, and nothing to replay. */
  begin(state: S): void {
    if (this.#revision > 0 || this.#subscribers.size > 0) throw new Error('The stream has begun.')
    this.#state = state
  }

  /** The state at `cursor`. Gathered deltas are not in it yet. */
  get state(): S {
    return this.#state
  }

  /** The state with what was gathered already in it: what decisions are made on. */
  get latest(): S {
    if (this.#gathered.length === 0) return this.#state
    this.#latest ??= this.#kind.fold(this.#state, this.#gathered)
    return this.#latest
  }

  get cursor(): Cursor {
    return { epoch: this.epoch, revision: this.#revision }
  }

  get subscriberCount(): number {
    return this.#subscribers.size
  }

  /** Frames made so far. */
  get frameCount(): number {
    return this.#frames
  }

  /** Take deltas in order. Gatherable ones may wait; any other one makes all of them leave now. */
  push(deltas: readonly D[]): void {
    if (deltas.length === 0) return
    this.#latest = null
    let isUrgent = false
    for (const delta of deltas) {
      this.#kind.merge(this.#gathered, delta)
      if (!this.#kind.isGatherable(delta)) isUrgent = true
    }
    if (isUrgent) {
      this.flush()
      return
    }
    const holdMs = this.#subscribers.size === 0 ? UNWATCHED_MS : this.#pace.holdMs(this.#clock.now())
    if (holdMs <= 0) this.flush()
    else this.#timer ??= this.#clock.after(holdMs, () => this.flush())
  }

  /** Fold what was gathered and send it as one revision. */
  flush(): void {
    this.#timer?.cancel()
    this.#timer = null
    const deltas = this.#gathered
    if (deltas.length === 0) return
    this.#gathered = []
    this.#latest = null
    this.#state = this.#kind.fold(this.#state, deltas)
    this.#revision += 1
    this.#frames += 1
    const cursor = this.cursor
    const frame = new Frame(cursor, this.#kind.deltaFrame(cursor, deltas))
    this.#keep(frame, this.#kind.weigh(deltas))
    for (const subscriber of this.#subscribers) subscriber.deliver(frame)
  }

  /**
   * Join the live stream. **Invariant:** nothing asynchronous happens between choosing the frames and joining, so the
   * frames returned and those delivered afterwards meet without a gap or an overlap.
   */
  subscribe(subscriber: Subscriber, cursor: Cursor | undefined): SubscribeAnswer {
    this.flush()
    this.#subscribers.add(subscriber)
    return this.catchUp(cursor)
  }

  /** What a subscriber that holds `cursor` lacks up to now. */
  catchUp(cursor: Cursor | undefined): SubscribeAnswer {
    this.flush()
    const reason = this.#whyNotReplay(cursor)
    if (reason === null && cursor) {
      const frames = this.#replay.filter((entry) => entry.frame.cursor.revision > cursor.revision)
      return { mode: 'deltas', frames: frames.map((entry) => entry.frame), reason: null }
    }
    return { mode: 'snapshot', frames: this.#snapshotFrames(), reason: reason ?? 'noCursor' }
  }

  unsubscribe(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber)
  }

  #whyNotReplay(cursor: Cursor | undefined): 'noCursor' | 'otherEpoch' | 'tooOld' | 'ahead' | null {
    if (!cursor) return 'noCursor'
    if (cursor.epoch !== this.epoch) return 'otherEpoch'
    if (cursor.revision > this.#revision) return 'ahead'
    if (cursor.revision === this.#revision) return null
    const oldest = this.#replay[0]?.frame.cursor.revision
    return oldest !== undefined && oldest <= cursor.revision + 1 ? null : 'tooOld'
  }

  /** Made once per revision, whoever asks. */
  #snapshotFrames(): readonly Frame[] {
    if (this.#snapshot?.revision === this.#revision) return this.#snapshot.frames
    const cursor = this.cursor
    const parts = this.#kind.snapshotParts(this.#state)
    const frames = parts.map(
      (deltas, part) =>
        new Frame(cursor, this.#kind.snapshotFrame(cursor, part, part === parts.length - 1, deltas)),
    )
    this.#snapshot = { revision: this.#revision, frames }
    return frames
  }

  #keep(frame: Frame, bytes: number): void {
    this.#snapshot = null
    this.#replay.push({ frame, bytes })
    this.#replayBytes += bytes
    let drop = 0
    while (this.#replayBytes > REPLAY_BYTES && drop < this.#replay.length) {
      this.#replayBytes -= this.#replay[drop]?.bytes ?? 0
      drop += 1
    }
    // Half at a time: shifting one by one would copy the list for every frame.
    if (drop > 0) this.#replay.splice(0, drop)
  }
}
