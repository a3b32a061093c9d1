/**
 * A disk that is slow, full or locked, under the hub's real store. Writes reach the store in their order and late, so
 * that a hub that is killed loses what a killed hub loses: the newest, and never something in between.
 */
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { systemClock } from '../../src/base/clock.ts'
import type { Change } from '../../src/persistence/change.ts'
import { type OpenStoreOptions, openStore } from '../../src/persistence/open-store.ts'
import type { Store } from '../../src/persistence/store.ts'
import { StoreError } from '../../src/persistence/store-error.ts'
import type { Random } from '../random.ts'
import { waitFor } from '../waiting.ts'

/** How long the store may take to find out that it can write again. Milliseconds. */
const MEND_MS = 10_000

export class Disk {
  readonly #file: string
  readonly #maxPages: number | null
  readonly #random: Random
  #other: Database.Database | null = null
  #slowMs = 0
  #store: LateStore | null = null
  #real: Store | null = null

  /** @param maxPages how much fits on it, in pages of 4 KiB; null for no limit */
  constructor(folder: string, maxPages: number | null, random: Random) {
    this.#file = join(folder, 'hub.sqlite')
    this.#maxPages = maxPages
    this.#random = random
  }

  get canBeFull(): boolean {
    return this.#maxPages !== null
  }

  /** The store of the next hub. The thread that has the file open stays: to start one takes longer than all else. */
  readonly open = async (options: OpenStoreOptions): Promise<Store> => {
    const trial = this.#maxPages === null ? {} : { trial: { maxPages: this.#maxPages } }
    this.#real ??= await openStore({ ...options, clock: systemClock, ...trial })
    const store = new LateStore(this.#real, () =>
      this.#slowMs === 0 ? 0 : this.#random.int(0, this.#slowMs),
    )
    this.#store = store
    return store.face
  }

  /** Close the file as well; the next hub opens it anew. */
  async close(): Promise<void> {
    const real = this.#real
    this.#real = null
    await real?.close()
  }

  /** Every write takes up to this long. */
  slow(ms: number): void {
    this.#slowMs = ms
  }

  /** Another program locks the file: `SQLITE_BUSY`. @returns false where it is harmed already */
  lock(): boolean {
    return this.#harm((other) => void other.exec('begin immediate'))
  }

  /** Somebody else fills it: `SQLITE_FULL`. */
  fill(): boolean {
    const bytes = (this.#maxPages ?? 0) * 4_096
    if (bytes === 0) return false
    return this.#harm((other) => {
      const insert = "insert into details (session_id, unified_diff, warnings) values ('ballast', ?, '[]')"
      other.prepare(insert).run('x'.repeat(bytes))
    })
  }

  async heal(): Promise<void> {
    this.#slowMs = 0
    const other = this.#other
    if (!other) return
    if (other.inTransaction) other.exec('rollback')
    else other.exec("delete from details where session_id = 'ballast'")
    other.close()
    this.#other = null
    // Whoever looks from here on shall find it in order.
    const isInOrder = () =>
      (this.#real?.flush() ?? Promise.resolve()).then(
        () => true,
        () => false,
      )
    await waitFor('disk', isInOrder, () => 'the disk of the round is still full or locked', MEND_MS)
  }

  /** The hub's process is gone: what was not written yet is lost, and nothing of it is heard any more. */
  crash(): void {
    this.#store?.die()
  }

  #harm(how: (other: Database.Database) => void): boolean {
    if (this.#other) return false
    const other = new Database(this.#file, { timeout: 1_000 })
    try {
      how(other)
      this.#other = other
      return true
    } catch {
      // The store itself was writing.
      other.close()
      return false
    }
  }
}

/** The store, later: every other call of it is a read, which sees what was written before it. */
class LateStore {
  readonly #store: Store
  readonly #lateMs: () => number
  #queue: (readonly Change[])[] = []
  #writing: Promise<void> | null = null
  #isDead = false
  #isClosed = false

  constructor(store: Store, lateMs: () => number) {
    this.#store = store
    this.#lateMs = lateMs
  }

  get face(): Store {
    const own: Partial<Store> = {
      write: (...changes) => this.#take(changes),
      onFault: (listener) => this.#store.onFault(listener),
      stats: () => this.#store.stats(),
      close: () => this.#close(),
    }
    return new Proxy(this.#store, {
      get: (store, name: keyof Store) => {
        const call: unknown = store[name]
        if (own[name] || typeof call !== 'function') return own[name]
        return (...query: unknown[]) => this.#after(() => Reflect.apply(call, store, query))
      },
    })
  }

  die(): void {
    this.#isDead = true
    this.#queue = []
  }

  #take(changes: readonly Change[]): void {
    if (this.#isDead) return
    if (this.#isClosed) throw new StoreError('failed', 'The store is closed; nothing more can be written.')
    this.#queue.push(structuredClone(changes))
    this.#writing ??= this.#write()
  }

  async #close(): Promise<void> {
    this.#isClosed = true
    await this.#writing
    if (!this.#isDead) await this.#store.flush()
  }

  async #write(): Promise<void> {
    // Not before whoever began it has kept the promise.
    await null
    for (let changes = this.#queue[0]; changes; changes = this.#queue[0]) {
      const lateMs = this.#lateMs()
      if (lateMs > 0) await delay(lateMs)
      // Killed meanwhile.
      if (this.#queue[0] !== changes) continue
      this.#queue.shift()
      this.#store.write(...changes)
    }
    // In the same step as the last look at the queue: what is written from here on begins anew.
    this.#writing = null
  }

  async #after<T>(call: () => Promise<T>): Promise<T> {
    this.#refuseDead()
    await this.#writing
    this.#refuseDead()
    const answer = await call()
    this.#refuseDead()
    return answer
  }

  #refuseDead(): void {
    if (this.#isDead) throw new StoreError('failed', 'The hub of this store was killed.')
  }
}
