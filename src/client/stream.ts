/**
 * One subscription of a client, kept in step through links, gaps and epochs: the cursor, the gathering of snapshot
 * parts, and the decision to subscribe again. It folds with the hub's own reducer and never shows half a snapshot.
 *
 * Frames are judged on their own; the answer of the subscribe request only tells that frames of an older
 * subscription can no longer come, so misfits before it are passed over.
 */
import type { Clock, Timer } from '../base/clock.ts'
import { PeerClosedError } from '../jsonrpc/peer.ts'
import type { Cursor } from '../protocol/cursor.ts'
import { isHubError } from '../protocol/errors.ts'
import type { ResultOf } from '../protocol/methods.ts'
import type { Backoff } from './backoff.ts'
import type { Link } from './link.ts'
import { type StreamStatus, type StreamView, UNSEEN } from './stream-view.ts'

export interface DeltaFrame<Delta> {
  readonly cursor: Cursor
  readonly deltas: readonly Delta[]
}

export interface SnapshotFrame<Delta> extends DeltaFrame<Delta> {
  readonly part: number
  readonly last: boolean
}

export interface StreamOptions<State, Delta> {
  readonly clock: Clock
  readonly backoff: Backoff
  readonly empty: State
  fold(state: State, deltas: readonly Delta[]): State
  ask(link: Link, cursor: Cursor | undefined): Promise<ResultOf<'session/subscribe'>>
  /** At most once per received frame. `deltas` were folded onto the state shown before; null after a snapshot. */
  changed(view: StreamView<State>, deltas: readonly Delta[] | null): void
  /** `isSettled` may have changed. */
  settled(): void
}

/** Subscribing again without a live delta in between: the second time asks for a snapshot, later ones wait. */
const PROMPT_TRIES = 2

export class Stream<State, Delta> {
  readonly #options: StreamOptions<State, Delta>
  #view: StreamView<State> = UNSEEN
  #link: Link | null = null
  #gathering: { readonly cursor: Cursor; readonly next: number; readonly state: State } | null = null
  #retry: Timer | null = null
  /** Counts subscribe requests; an answer to any but the newest is void. */
  #asked = 0
  #isAnswered = false
  #isSynced = false
  /** A `synchronized` that did not fit came before the answer. */
  #isDoubted = false
  #isGone = false
  #triesWithoutProgress = 0
  #resubscribes = 0

  constructor(options: StreamOptions<State, Delta>) {
    this.#options = options
  }

  get view(): StreamView<State> {
    return this.#view
  }

  /** True when the connection as a whole need not wait for this stream; one that failed says so by itself. */
  get isSettled(): boolean {
    return this.#isSynced || this.#isGone || this.#view.error !== null
  }

  /** How often a gap, another epoch or a broken snapshot made it subscribe again on a living link. */
  get resubscribes(): number {
    return this.#resubscribes
  }

  attach(link: Link): void {
    if (this.#isGone) return
    this.#link = link
    this.#triesWithoutProgress = 0
    this.#options.backoff.reset()
    this.#ask(this.#view.cursor ?? undefined)
    this.#show({})
  }

  detach(): void {
    this.#link = null
    this.#isSynced = false
    this.#gathering = null
    this.#retry?.cancel()
    this.#show({})
  }

  /**
   * Compare cursors with the hub: what was missed comes, and a stream in step stays as it is. Also one that is answered
   * and was never told to be in step: what should have told it is gone.
   */
  verify(): void {
    if (this.#link && this.#isAnswered) this.#ask(this.#view.cursor ?? undefined)
  }

  delta(frame: DeltaFrame<Delta>): void {
    const { cursor, state } = this.#view
    // Without a state it belongs to an older subscription.
    if (!cursor || state === null || this.#isGone) return
    const { epoch, revision } = frame.cursor
    if (epoch === cursor.epoch && revision <= cursor.revision) return
    if (this.#gathering || epoch !== cursor.epoch || revision !== cursor.revision + 1) {
      this.#misfit()
      return
    }
    if (this.#isSynced) {
      this.#triesWithoutProgress = 0
      this.#options.backoff.reset()
    }
    this.#show({ state: this.#options.fold(state, frame.deltas), cursor: frame.cursor }, frame.deltas)
  }

  snapshot(frame: SnapshotFrame<Delta>): void {
    if (this.#isGone) return
    const known = this.#gathering
    const isFirst = frame.part === 0
    if (!isFirst && !(known && known.next === frame.part && isSame(known.cursor, frame.cursor))) {
      this.#misfit()
      return
    }
    const base = isFirst || !known ? this.#options.empty : known.state
    const state = this.#options.fold(base, frame.deltas)
    if (frame.last) {
      this.#gathering = null
      this.#show({ state, cursor: frame.cursor }, null)
    } else {
      this.#gathering = { cursor: frame.cursor, next: frame.part + 1, state }
      this.#show({})
    }
  }

  synchronized(frame: { readonly cursor: Cursor }): void {
    const { cursor } = this.#view
    if (this.#isGone) return
    const isThere = cursor?.epoch === frame.cursor.epoch && cursor.revision >= frame.cursor.revision
    if (this.#gathering || !isThere) {
      if (!this.#isAnswered) this.#isDoubted = true
      this.#misfit()
      return
    }
    this.#isDoubted = false
    if (this.#isSynced) return
    this.#isSynced = true
    this.#show({ error: null })
    this.#options.settled()
  }

  #misfit(): void {
    if (this.#isAnswered) this.#resubscribe()
  }

  #resubscribe(): void {
    this.#resubscribes += 1
    this.#gathering = null
    this.#isSynced = false
    this.#retry?.cancel()
    this.#triesWithoutProgress += 1
    if (this.#triesWithoutProgress > PROMPT_TRIES) this.#later()
    else this.#ask(this.#cursorToTry())
    this.#show({})
    this.#options.settled()
  }

  /** The cursor once; if that led nowhere, a snapshot. */
  #cursorToTry(): Cursor | undefined {
    return this.#triesWithoutProgress <= 1 ? (this.#view.cursor ?? undefined) : undefined
  }

  #later(): void {
    const { clock, backoff } = this.#options
    // Nothing is judged while waiting: the hub and this client do not agree, and each misfit would ask again.
    this.#isAnswered = false
    this.#asked += 1
    this.#retry = clock.after(backoff.next(), () => this.#ask(this.#cursorToTry()))
  }

  #ask(cursor: Cursor | undefined): void {
    const link = this.#link
    if (!link) return
    this.#isAnswered = false
    this.#isDoubted = false
    const mine = ++this.#asked
    this.#options.ask(link, cursor).then(
      () => {
        if (mine !== this.#asked || link !== this.#link) return
        this.#isAnswered = true
        if (this.#isDoubted && !this.#isSynced) this.#resubscribe()
      },
      (error: unknown) => {
        if (mine !== this.#asked || link !== this.#link || error instanceof PeerClosedError) return
        this.#failed(error)
      },
    )
  }

  #failed(error: unknown): void {
    if (!isHubError(error)) throw error
    this.#isSynced = false
    if (error.data.retry === 'never') this.#isGone = true
    else {
      this.#triesWithoutProgress = 0
      this.#later()
    }
    this.#show({ error })
    this.#options.settled()
  }

  #show(change: Partial<StreamView<State>>, deltas: readonly Delta[] | null = null): void {
    const before = this.#view
    const next = { ...before, ...change }
    const view = { ...next, status: this.#statusOf(next.state) }
    const isSameView =
      view.state === before.state &&
      view.status === before.status &&
      view.error === before.error &&
      view.cursor === before.cursor
    if (isSameView) return
    this.#view = view
    this.#options.changed(view, deltas)
  }

  #statusOf(state: State | null): StreamStatus {
    if (this.#isGone) return 'gone'
    if (state === null) return 'loading'
    if (!this.#link) return 'stale'
    return this.#isSynced && !this.#gathering ? 'live' : 'catchingUp'
  }
}

function isSame(a: Cursor, b: Cursor): boolean {
  return a.epoch === b.epoch && a.revision === b.revision
}
