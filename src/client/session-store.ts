/** One session as a client holds it: its stream's state, and the older items a reader has paged in. */
import type { Delta } from '../protocol/delta.ts'
import type { Item } from '../protocol/item.ts'
import type { ResultOf } from '../protocol/methods.ts'
import type { SessionState } from '../protocol/session-state.ts'
import { Observable, type Readable } from './observable.ts'
import { carryOlder, mergeItems } from './older-items.ts'
import { type StreamView, UNSEEN } from './stream-view.ts'

export interface SessionSnapshot extends StreamView<SessionState> {
  /** Items before the window, by `seq`, as far as `loadOlder` has fetched them. Never one that `state` holds. */
  readonly older: readonly Item[]
  /** False when `older` reaches the session's first item; null while nobody has asked. */
  readonly hasOlder: boolean | null
}

/** How many items one `loadOlder` asks for. */
const PAGE_ITEMS = 50

export class SessionStore implements Readable<SessionSnapshot> {
  readonly #fetch: (beforeSeq: number, limit: number) => Promise<ResultOf<'session/items'>>
  readonly #observable = new Observable<SessionSnapshot>({
    ...UNSEEN,
    older: [],
    hasOlder: null,
  })
  readonly subscribe = this.#observable.subscribe
  readonly getSnapshot = this.#observable.getSnapshot
  #loading: Promise<void> | null = null
  /** Counts snapshots: a page asked for before one no longer fits the window after it. */
  #windows = 0

  constructor(fetch: (beforeSeq: number, limit: number) => Promise<ResultOf<'session/items'>>) {
    this.#fetch = fetch
  }

  /** The stream's `changed`. */
  change(view: StreamView<SessionState>, deltas: readonly Delta[] | null): void {
    const known = this.getSnapshot()
    let { older, hasOlder } = known
    const isNewWindow = deltas === null || deltas.some((delta) => delta.op === 'reset')
    if (view.state !== known.state && isNewWindow) {
      // A snapshot proves nothing about what came before its window: there may be a hole, or reverted items.
      this.#windows += 1
      older = []
      hasOlder = null
    } else if (deltas && known.state && view.state && (hasOlder !== null || this.#loading)) {
      older = carryOlder(older, known.state, view.state, deltas)
    }
    this.#observable.set({ ...view, older, hasOlder })
  }

  /** Fetch one page of items before the oldest one held. Calls while one is under way share it. */
  loadOlder(): Promise<void> {
    this.#loading ??= this.#load().finally(() => {
      this.#loading = null
    })
    return this.#loading
  }

  async #load(): Promise<void> {
    const { older, hasOlder, state } = this.getSnapshot()
    const oldest = older[0] ?? state?.items[0]
    if (!oldest || hasOlder === false) return
    const window = this.#windows
    const page = await this.#fetch(oldest.seq, PAGE_ITEMS)
    if (window !== this.#windows) return
    const now = this.getSnapshot()
    this.#observable.set({
      ...now,
      // What is held is newer than what was fetched: deltas may have touched it since.
      older: mergeItems(page.items, now.older, now.state?.items ?? []),
      hasOlder: page.nextPageToken !== null,
    })
  }
}
