/** Threads that are to be looked at in the background, newest first, a few at a time. */

interface Entry {
  readonly threadId: string
  readonly at: number
}

const AT_ONCE = 4

export class LookQueue {
  readonly #look: (threadId: string) => Promise<void>
  /** Sorted when something was added: oldest first, so that the newest is taken from the end. */
  #waiting: Entry[] = []
  readonly #known = new Set<string>()
  #isSorted = true
  #running = 0
  #isClosed = false
  #idle: (() => void)[] = []

  /** @param look must not throw */
  constructor(look: (threadId: string) => Promise<void>) {
    this.#look = look
  }

  get size(): number {
    return this.#waiting.length + this.#running
  }

  /** @param at when the thread was last written, milliseconds since 1970 */
  add(threadId: string, at: number): void {
    if (this.#isClosed || this.#known.has(threadId)) return
    this.#known.add(threadId)
    this.#waiting.push({ threadId, at })
    this.#isSorted = false
    // Later in this turn of the event loop more may come; the newest of all is to be first.
    queueMicrotask(() => this.#next())
  }

  /** Resolves when nothing waits. */
  drained(): Promise<void> {
    if (this.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  close(): void {
    this.#isClosed = true
    this.#waiting = []
    if (this.#running === 0) this.#settle()
  }

  #next(): void {
    while (this.#running < AT_ONCE && this.#waiting.length > 0) {
      if (!this.#isSorted) this.#waiting.sort((a, b) => a.at - b.at)
      this.#isSorted = true
      const entry = this.#waiting.pop()
      if (!entry) return
      // From here on a further change means a further look.
      this.#known.delete(entry.threadId)
      this.#running += 1
      void this.#look(entry.threadId).finally(() => {
        this.#running -= 1
        this.#next()
        if (this.size === 0) this.#settle()
      })
    }
  }

  #settle(): void {
    for (const resolve of this.#idle.splice(0)) resolve()
  }
}
