/**
 * Runs queries on the store's thread, behind the writes they must see, and decodes what comes back. It knows no table.
 */
import { setImmediate } from 'node:timers/promises'
import type { Compilable } from 'kysely'
import type { Budget } from './messages.ts'
import type { Page } from './paging.ts'
import type { StoreThread } from './thread.ts'
import type { WriteQueue } from './write-queue.ts'

/** Rows that cross threads at once: of thousands in one piece both threads would hold several copies. */
const PAGE_ROWS = 500

/** Decoding makes way for others after this much. Units of text. */
const TURN_UNITS = 512 * 1024

interface Rows<R> {
  readonly rows: readonly R[]
  /** The budget ended it, not the query. */
  readonly isCut: boolean
}

export class RowReader {
  readonly #thread: StoreThread
  readonly #queue: WriteQueue

  constructor(thread: StoreThread, queue: WriteQueue) {
    this.#thread = thread
    this.#queue = queue
  }

  /** Have what the read must see committed first. Changes of other sessions do not hold it up, nor does their outage. */
  async settle(scope: string): Promise<void> {
    if (this.#queue.concerns(scope)) await this.#queue.flush()
  }

  async read<R>(scope: string, query: Compilable<R>, budget?: Budget): Promise<Rows<R>> {
    await this.settle(scope)
    const { sql, parameters } = query.compile()
    const answer = await this.#thread.request({ kind: 'read', sql, parameters, ...(budget && { budget }) })
    return answer as Rows<R>
  }

  /** What is in the database already, whatever is still to be written. */
  async committed<R>(query: Compilable<R>): Promise<readonly R[]> {
    const { sql, parameters } = query.compile()
    return (await this.#thread.request({ kind: 'read', sql, parameters })).rows as R[]
  }

  /** Run a statement without rows, past the queue. @returns how many rows it changed */
  async run(query: Compilable<unknown>): Promise<number> {
    const { sql, parameters } = query.compile()
    return (await this.#thread.request({ kind: 'run', sql, parameters })).changes
  }

  async all<R>(scope: string, query: Compilable<R>): Promise<readonly R[]> {
    return (await this.read(scope, query)).rows
  }

  /** All rows of a table by key, decoded. The thread reads a page while the one before is decoded. */
  async inPages<R extends object, T>(
    scope: string,
    page: (after: string, limit: number) => Compilable<R>,
    keyOf: (row: R) => string,
    decodeRow: (row: R) => T,
  ): Promise<T[]> {
    const values: T[] = []
    let reading = this.all(scope, page('', PAGE_ROWS))
    for (;;) {
      const rows = await reading
      const last = rows.length === PAGE_ROWS ? rows.at(-1) : undefined
      if (last) reading = this.all(scope, page(keyOf(last), PAGE_ROWS))
      // Told by the next round, which is still decoding.
      reading.catch(() => {})
      for (const value of await decodeAll(rows, decodeRow)) values.push(value)
      if (!last) return values
    }
  }

  async first<R>(scope: string, query: Compilable<R>): Promise<R | undefined> {
    return (await this.all(scope, query))[0]
  }
}

/** A page of rows that were asked for with one more than `limit`, which tells whether there is another page. */
export function pageOf<R>({ rows, isCut }: Rows<R>, limit: number, token: (last: R) => string): Page<R> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const hasMore = last !== undefined && (isCut || rows.length > limit)
  return { rows: shown, nextPageToken: hasMore ? token(last) : null }
}

/** Decodes many rows without holding up the thread: sockets and timers get their turn in between. */
export async function decodeAll<R extends object, T>(
  rows: readonly R[],
  decodeRow: (row: R) => T,
): Promise<T[]> {
  const values: T[] = []
  let units = 0
  for (const row of rows) {
    for (const cell of Object.values(row)) if (typeof cell === 'string') units += cell.length
    if (units > TURN_UNITS && values.length > 0) {
      units = 0
      await setImmediate()
    }
    values.push(decodeRow(row))
  }
  return values
}
