/** A value that says when it changed, in the shape React's `useSyncExternalStore` takes. It owns its listeners. */

export interface Readable<T> {
  /** Call `listener` after every change. Returns the function that ends it. */
  readonly subscribe: (listener: () => void) => () => void
  /** The value now. The same object until the next change. */
  readonly getSnapshot: () => T
}

export class Observable<T> implements Readable<T> {
  readonly #listeners = new Set<() => void>()
  #value: T

  constructor(value: T) {
    this.#value = value
  }

  // Bound, because React calls both without `this`.
  readonly subscribe = (listener: () => void): (() => void) => {
    // Wrapped, so that one function may listen twice and each end is its own.
    const entry = () => listener()
    this.#listeners.add(entry)
    return () => {
      this.#listeners.delete(entry)
    }
  }

  readonly getSnapshot = (): T => this.#value

  set(value: T): void {
    if (value === this.#value) return
    this.#value = value
    for (const listener of [...this.#listeners]) {
      try {
        listener()
      } catch (error) {
        // A listener's fault is its owner's to see, and must not keep the news from the others.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
