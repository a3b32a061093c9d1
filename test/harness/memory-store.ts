/**
 * A store that keeps everything in memory, for tests of the server. It passes the contract of the real one; `fail`
 * starts and ends an outage.
 */
import {
  encodeChange,
  LIST_SCOPE,
  PROCESS_SCOPE,
  RECEIPT_SCOPE,
  sessionScope,
} from '../../src/persistence/encode.ts'
import { PAGE_BYTES } from '../../src/persistence/open-store.ts'
import { makePageToken, readNumberToken, readSessionToken } from '../../src/persistence/page-token.ts'
import { folderRange } from '../../src/persistence/queries.ts'
import {
  type Change,
  type ItemQuery,
  type Page,
  type PageQuery,
  type SessionQuery,
  type Store,
  StoreError,
  type StoreStats,
  type WindowQuery,
} from '../../src/persistence/store.ts'
import type { Item } from '../../src/protocol/item.ts'
import { type Contents, MemoryTables } from './memory-tables.ts'

export class MemoryStore implements Store {
  readonly #tables = new MemoryTables()
  readonly #listeners: ((fault: StoreError | null) => void)[] = []
  #queued: Change[] = []
  #flushes = 0
  #failedFlushes = 0
  #fault: StoreError | null = null
  #isTold = false
  #isClosed = false

  /** From now on every flush fails with this; null ends the outage, and what was queued is written at the next flush. */
  fail(fault: StoreError | null): void {
    this.#fault = fault
  }

  /** Changes not flushed yet, oldest first: what a crash now would lose. */
  get queued(): readonly Change[] {
    return this.#queued
  }

  write(...changes: readonly Change[]): void {
    if (this.#isClosed) throw new StoreError('failed', 'The store is closed; nothing more can be written.')
    changes.flatMap(encodeChange)
    this.#queued.push(...structuredClone(changes))
  }

  async flush(): Promise<void> {
    if (this.#queued.length === 0) return
    if (this.#fault) {
      this.#failedFlushes += 1
      this.#tell(this.#fault)
      throw this.#fault
    }
    this.#flushes += 1
    for (const change of this.#queued.splice(0)) this.#tables.apply(change)
    this.#tell(null)
  }

  onFault(listener: (fault: StoreError | null) => void): void {
    this.#listeners.push(listener)
  }

  async loadSessions() {
    await this.#settle(LIST_SCOPE)
    return structuredClone([...this.#tables.sessions.values()])
  }

  async loadSession(sessionId: string) {
    await this.#settle(sessionScope(sessionId))
    return structuredClone(this.#tables.sessions.get(sessionId) ?? null)
  }

  async loadDetails(sessionId: string) {
    return structuredClone((await this.#of(sessionId)).details)
  }

  async loadProcesses() {
    await this.#settle(PROCESS_SCOPE)
    return structuredClone([...this.#tables.processes.values()])
  }

  async loadReceipt(commandId: string) {
    await this.#settle(RECEIPT_SCOPE)
    return structuredClone(this.#tables.receipts.get(commandId) ?? null)
  }

  async settleReceipts() {
    await this.#settle(RECEIPT_SCOPE)
    const open = [...this.#tables.receipts.values()].filter(({ state }) => state === 'pending')
    for (const receipt of open)
      this.#tables.receipts.set(receipt.commandId, { ...receipt, state: 'indeterminate' })
    return open.length
  }

  async loadPendingApprovals(sessionId: string) {
    const all = [...(await this.#of(sessionId)).approvals.values()].map(({ approval }) => approval)
    return structuredClone(all.filter(({ state }) => state === 'pending'))
  }

  async listSessions({ limit, pageToken, archived, cwd }: SessionQuery) {
    const after = readSessionToken(pageToken)
    await this.#settle(LIST_SCOPE)
    const range = cwd === undefined ? null : folderRange(cwd)
    const all = [...this.#tables.sessions.values()]
      .map(({ summary }) => summary)
      .filter((summary) => summary.archived === archived)
      .filter(({ cwd }) => !range || cwd === range.exact || cwd.startsWith(range.from))
      .sort((a, b) => b.updatedAt - a.updatedAt || (a.id < b.id ? -1 : 1))
    const rest = after
      ? all.filter(({ updatedAt, id }) => updatedAt < after[0] || (updatedAt === after[0] && id > after[1]))
      : all
    const page = pageOf(rest, limit, (last) => makePageToken('sessions', [last.updatedAt, last.id]))
    return { ...page, total: all.length }
  }

  async listItems({ sessionId, limit, pageToken, order, turnId, beforeSeq }: ItemQuery) {
    const kind = order === 'newestFirst' ? 'itemsNewestFirst' : 'itemsOldestFirst'
    const place = readNumberToken(kind, pageToken)
    const items = (await this.#items(sessionId))
      .filter((item) => turnId === undefined || item.turnId === turnId)
      .filter((item) => beforeSeq === undefined || item.seq < beforeSeq)
    if (order === 'newestFirst') items.reverse()
    const rest = items.filter(
      ({ seq }) => place === null || (order === 'newestFirst' ? seq < place : seq > place),
    )
    return pageOf(rest, within(rest, limit, PAGE_BYTES), (last) => makePageToken(kind, [last.seq]))
  }

  async listTurns({ sessionId, limit, pageToken }: PageQuery) {
    const before = readNumberToken('turns', pageToken) ?? Number.POSITIVE_INFINITY
    const turns = [...(await this.#of(sessionId)).turns.values()]
    const rest = turns.filter(({ seq }) => seq < before).sort((a, b) => b.seq - a.seq)
    return pageOf(rest, limit, (last) => makePageToken('turns', [last.seq]))
  }

  async listApprovals({ sessionId, limit, pageToken }: PageQuery) {
    const before = readNumberToken('approvals', pageToken) ?? Number.POSITIVE_INFINITY
    const approvals = [...(await this.#of(sessionId)).approvals.values()].reverse()
    const rest = approvals.filter(({ position }) => position < before)
    const page = pageOf(rest, limit, (last) => makePageToken('approvals', [last.position]))
    return { ...page, rows: page.rows.map(({ approval }) => approval) }
  }

  async loadWindow({ sessionId, maxItems, maxBytes }: WindowQuery) {
    const newest = (await this.#items(sessionId)).reverse()
    return newest.slice(0, within(newest, maxItems, maxBytes)).reverse()
  }

  async loadItem(sessionId: string, itemId: string) {
    return structuredClone((await this.#of(sessionId)).items.get(itemId) ?? null)
  }

  async stats(): Promise<StoreStats> {
    return {
      databaseBytes: 0,
      walBytes: 0,
      queuedChanges: this.#queued.length,
      queuedBytes: JSON.stringify(this.#queued).length,
      flushes: this.#flushes,
      failedFlushes: this.#failedFlushes,
      lastFlushMs: 0,
      maxFlushMs: 0,
      schemaVersion: 'memory',
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.flush()
  }

  #tell(fault: StoreError | null): void {
    if (this.#isTold === (fault !== null)) return
    this.#isTold = fault !== null
    for (const listener of this.#listeners) listener(fault)
  }

  async #settle(scope: string): Promise<void> {
    if (this.#isClosed) throw new StoreError('failed', 'The store is closed.')
    const concerns = this.#queued.flatMap(encodeChange).some(({ scopes }) => scopes.includes(scope))
    if (concerns) await this.flush()
  }

  async #of(sessionId: string): Promise<Contents> {
    await this.#settle(sessionScope(sessionId))
    return this.#tables.of(sessionId)
  }

  async #items(sessionId: string): Promise<Item[]> {
    const items = [...(await this.#of(sessionId)).items.values()]
    return structuredClone(items).sort((a, b) => a.seq - b.seq)
  }
}

function pageOf<T>(rest: readonly T[], limit: number, token: (last: T) => string): Page<T> {
  const rows = structuredClone(rest.slice(0, limit)) as T[]
  const last = rows.at(-1)
  return { rows, nextPageToken: last !== undefined && rest.length > rows.length ? token(last) : null }
}

/** How many of these fit into a page: at least one. */
function within(items: readonly Item[], maxItems: number, maxBytes: number): number {
  let bytes = 0
  let count = 0
  for (const item of items.slice(0, maxItems)) {
    bytes += Buffer.byteLength(JSON.stringify(item.body))
    if (bytes > maxBytes && count > 0) break
    count += 1
  }
  return count
}
