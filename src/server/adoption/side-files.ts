/** What a home says of its threads beside their rollouts: their names and who holds them. Read anew when older than a while. */
import type { Clock } from '../../base/clock.ts'
import type { WatchedThread } from '../../connectors/rollout/thread-files.ts'
import { readThreadNames } from '../../connectors/rollout/thread-names.ts'
import { listLockedThreads, readWriterLock } from '../../connectors/rollout/writer-lock.ts'

/** Milliseconds. */
const FRESH_MS = 2_000

export class SideFiles {
  readonly #codexHome: string
  readonly #clock: Clock
  readonly #endedAfterMs: number
  #names: { readonly at: number; readonly names: Promise<Map<string, string>> } | null = null
  #locked: { readonly at: number; readonly threads: Promise<Set<string>> } | null = null

  /** @param endedAfterMs for how long a thread counts as written after its last line */
  constructor(codexHome: string, clock: Clock, endedAfterMs: number) {
    this.#codexHome = codexHome
    this.#clock = clock
    this.#endedAfterMs = endedAfterMs
  }

  /** By thread id. */
  names(): Promise<Map<string, string>> {
    const now = this.#clock.now()
    if (!this.#names || now - this.#names.at > FRESH_MS)
      this.#names = { at: now, names: readThreadNames(this.#codexHome) }
    return this.#names.names
  }

  /** Looks for a lock file first: asking the system for thousands of files would take seconds. */
  async isHeld({ threadId, paths }: WatchedThread): Promise<boolean> {
    const now = this.#clock.now()
    if (!this.#locked || now - this.#locked.at > FRESH_MS)
      this.#locked = { at: now, threads: listLockedThreads(this.#codexHome) }
    if (!(await this.#locked.threads).has(threadId)) return false
    return (await readWriterLock(this.#codexHome, threadId, paths)).state === 'held'
  }

  /** Somebody writes it now, or did a moment ago. */
  async isLive(thread: WatchedThread): Promise<boolean> {
    return this.#clock.now() - thread.modifiedAt < this.#endedAfterMs || (await this.isHeld(thread))
  }
}
