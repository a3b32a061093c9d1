/**
 * Threads whose session a person deleted here while Codex keeps them. **Invariant:** none of them becomes a session again
 * by itself, whatever happens in it and however often the hub starts; only a person takes it back.
 */
import type { Change } from '../../persistence/change.ts'
import type { Store } from '../../persistence/store.ts'
import type { DroppedThread } from '../../persistence/stored.ts'

export class DroppedThreads {
  readonly #dropped = new Map<string, DroppedThread>()
  readonly #leaving = new Set<string>()
  readonly #store: Pick<Store, 'write'>

  constructor(store: Pick<Store, 'write'>, stored: readonly DroppedThread[]) {
    this.#store = store
    for (const thread of stored) this.#dropped.set(thread.threadId, thread)
  }

  /** Whether the thread is to be passed over. */
  has(threadId: string): boolean {
    return this.#dropped.has(threadId) || this.#leaving.has(threadId)
  }

  /** Its session is being deleted: it is passed over until the returned function is called. */
  leave(threadId: string): () => void {
    this.#leaving.add(threadId)
    return () => void this.#leaving.delete(threadId)
  }

  /** Of one home, the newest first. */
  of(codexHome: string): DroppedThread[] {
    return [...this.#dropped.values()]
      .filter((thread) => thread.codexHome === codexHome)
      .sort((a, b) => b.droppedAt - a.droppedAt)
  }

  /** @returns what has to be stored in the transaction in which the session goes */
  add(thread: DroppedThread): Change {
    this.#dropped.set(thread.threadId, thread)
    return { kind: 'threadDropped', dropped: thread }
  }

  take(threadId: string): void {
    if (this.#dropped.delete(threadId)) this.#store.write({ kind: 'threadTaken', threadId })
  }
}
