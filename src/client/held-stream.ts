/**
 * A stream that lives while somebody holds it. It counts the handles it gave out, and tells once when the last one was
 * released; what the stream shows is not its concern.
 */
import type { Readable } from './observable.ts'
import type { Stream } from './stream.ts'

/** A hold on a subscription. The subscription lives until every handle of it is released. */
export interface Handle<View> extends Readable<View> {
  readonly release: () => void
  /** How often a hole in the stream made the client subscribe again. */
  readonly resubscribes: () => number
}

export class HeldStream<State, Delta, View> {
  readonly stream: Stream<State, Delta>
  readonly #view: Readable<View>
  readonly #released: () => void
  #holders = 0

  /** @param released called when nobody holds it any more */
  constructor(stream: Stream<State, Delta>, view: Readable<View>, released: () => void) {
    this.stream = stream
    this.#view = view
    this.#released = released
  }

  hold(): Handle<View> {
    this.#holders += 1
    let isReleased = false
    return {
      subscribe: this.#view.subscribe,
      getSnapshot: this.#view.getSnapshot,
      resubscribes: () => this.stream.resubscribes,
      release: () => {
        if (isReleased) return
        isReleased = true
        this.#holders -= 1
        if (this.#holders === 0) this.#released()
      },
    }
  }
}
