/**
 * The store on disk: one SQLite file in the data folder, open in a thread of its own. Here reads are put behind the
 * writes they must see, and rows become values; this thread never touches the file.
 */
import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { AttentionEntry } from '../protocol/attention.ts'
import * as decode from './decode.ts'
import {
  AGENT_SCOPE,
  ATTENTION_SCOPE,
  AUDIT_SCOPE,
  DROPPED_SCOPE,
  encodeChange,
  LIST_SCOPE,
  PROCESS_SCOPE,
  RECEIPT_SCOPE,
  ROLLOUT_SCOPE,
  sessionScope,
} from './encode.ts'
import { QUEUE_SCOPE } from './encode-queue.ts'
import { toStoreError } from './fault.ts'
import { makePageToken, readNumberToken, readSessionToken } from './page-token.ts'
import * as queries from './queries.ts'
import { decodeAll, pageOf, RowReader } from './row-reader.ts'
import { idOf, type RolloutPiece } from './search/index-texts.ts'
import { Indexing } from './search/indexing.ts'
import { dropRollout, dropRolloutTexts, indexedRollouts, rolloutState } from './search/queries.ts'
import { Searching } from './search/searching.ts'
import { readTerms } from './search/words.ts'
import type {
  AuditQuery,
  Change,
  ItemQuery,
  PageQuery,
  SearchQuery,
  SessionQuery,
  Store,
  StoreStats,
  WindowQuery,
} from './store.ts'
import { StoreError } from './store.ts'
import { StoreThread } from './thread.ts'
import { Upkeep } from './upkeep.ts'
import { WriteQueue } from './write-queue.ts'

/** A page of items ends early once it holds this much body: 500 items of a megabyte each are no page. */
export const PAGE_BYTES = 8 * 1024 * 1024

export interface OpenStoreOptions {
  /** The data folder; made when it is missing. The database is `hub.sqlite` in it. */
  readonly folder: string
  readonly log: Log
  readonly clock: Clock
  /** One that loads already; otherwise one is started. */
  readonly worker?: Worker | undefined
  /** For tests: a limit of the file's size in pages of 4 KiB, and another program for the store's thread. */
  readonly trial?: { readonly maxPages?: number; readonly program?: URL }
}

/** @throws StoreError `corrupt`, `newerDatabase`, `busy`, `readOnly`, `full`, `failed`. */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const { folder, log, trial } = options
  const file = join(folder, 'hub.sqlite')
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw toStoreError(error, file)
  })
  const thread = new StoreThread(
    { kind: 'open', file, maxPages: trial?.maxPages ?? null },
    trial?.program,
    options.worker,
  )
  const { schemaVersion, applied, backup } = await thread.start()
  if (applied.length > 0) log.info({ file, applied, backup }, 'the database was brought to the newest schema')
  return new SqliteStore(options, file, schemaVersion, thread)
}

class SqliteStore implements Store {
  readonly #file: string
  readonly #schemaVersion: string
  readonly #log: Log
  readonly #thread: StoreThread
  readonly #queue: WriteQueue
  readonly #rows: RowReader
  readonly #upkeep: Upkeep
  readonly #indexing: Indexing
  readonly #searching: Searching
  readonly #listeners: ((fault: StoreError | null) => void)[] = []
  #closing: Promise<void> | null = null

  constructor(
    { log, clock, trial }: OpenStoreOptions,
    file: string,
    schemaVersion: string,
    thread: StoreThread,
  ) {
    this.#file = file
    this.#schemaVersion = schemaVersion
    this.#log = log
    this.#thread = thread
    this.#upkeep = new Upkeep(thread, clock, log)
    this.#indexing = new Indexing(thread, clock, log)
    this.#searching = new Searching(file, trial?.program, clock)
    this.#queue = new WriteQueue({
      clock,
      send: async (cells) => {
        const answer = await thread.request({ kind: 'write', cells })
        this.#upkeep.committed()
        this.#indexing.wake()
        return answer
      },
      onFault: (fault) => this.#tell(fault),
    })
    this.#rows = new RowReader(thread, this.#queue)
    this.#upkeep.prune()
    this.#indexing.wake()
  }

  write(...changes: readonly Change[]): void {
    if (this.#closing) throw new StoreError('failed', 'The store is closed; nothing more can be written.')
    // All are encoded before the first is queued: a value that is no JSON fails its caller and leaves nothing half done.
    this.#queue.add(changes.flatMap(encodeChange))
  }

  flush(): Promise<void> {
    return this.#queue.flush()
  }

  onFault(listener: (fault: StoreError | null) => void): void {
    this.#listeners.push(listener)
  }

  async loadSessions() {
    return decodeAll(await this.#rows.all(LIST_SCOPE, queries.allSessions()), decode.decodeSession)
  }

  async loadSession(sessionId: string) {
    const row = await this.#rows.first(sessionScope(sessionId), queries.session(sessionId))
    return row ? decode.decodeSession(row) : null
  }

  async loadDetails(sessionId: string) {
    const row = await this.#rows.first(sessionScope(sessionId), queries.details(sessionId))
    return row ? decode.decodeDetails(row) : null
  }

  async loadTurns(sessionId: string, ids: readonly string[]) {
    if (ids.length === 0) return []
    const rows = await this.#rows.all(sessionScope(sessionId), queries.turns(sessionId, ids))
    return rows.map(decode.decodeTurn)
  }

  async loadProcesses() {
    return (await this.#rows.all(PROCESS_SCOPE, queries.processes())).map(decode.decodeProcess)
  }

  async loadRollouts() {
    return decodeAll(await this.#rows.all(ROLLOUT_SCOPE, queries.rollouts()), decode.decodeRollout)
  }

  async loadDropped() {
    return (await this.#rows.all(DROPPED_SCOPE, queries.droppedThreads())).map(decode.decodeDropped)
  }

  async loadReadState(threadId: string) {
    const row = await this.#rows.first(ROLLOUT_SCOPE, queries.readState(threadId))
    return row?.read_state ? (JSON.parse(row.read_state) as unknown) : null
  }

  async loadQueues() {
    const [queues, entries] = await Promise.all([
      this.#rows.all(QUEUE_SCOPE, queries.queues()),
      this.#rows.all(QUEUE_SCOPE, queries.queueEntries()),
    ])
    return decode.decodeQueues(queues, entries)
  }

  async loadQueuePrompt(sessionId: string, entryId: string) {
    const row = await this.#rows.first(QUEUE_SCOPE, queries.queuePrompt(sessionId, entryId))
    return row ? decode.decodePrompt(row) : null
  }

  async loadReceipt(commandId: string) {
    const row = await this.#rows.first(RECEIPT_SCOPE, queries.receipt(commandId))
    return row ? decode.decodeReceipt(row) : null
  }

  async settleReceipts() {
    await this.#rows.settle(RECEIPT_SCOPE)
    const { sql, parameters } = queries.settleReceipts().compile()
    return (await this.#thread.request({ kind: 'run', sql, parameters })).changes
  }

  async loadAgents() {
    return (await this.#rows.all(AGENT_SCOPE, queries.agents())).map(decode.decodeAgent)
  }

  async loadAttention(): Promise<AttentionEntry[]> {
    return (await this.#rows.all(ATTENTION_SCOPE, queries.attention())).map(decode.decodeAttention)
  }

  async loadAuditRow(id: string) {
    const row = await this.#rows.first(AUDIT_SCOPE, queries.auditRow(id))
    return row ? decode.decodeAudit(row) : null
  }

  async listAudit({ agent, sessionId, limit, pageToken }: AuditQuery) {
    const query = { agent, sessionId, before: readNumberToken('audit', pageToken), limit: limit + 1 }
    const rows = await this.#rows.read(AUDIT_SCOPE, queries.auditPage(query))
    const page = pageOf(rows, limit, (row) => makePageToken('audit', [row.position]))
    return { rows: page.rows.map(decode.decodeAudit), nextPageToken: page.nextPageToken }
  }

  async loadPendingApprovals(sessionId: string) {
    const rows = await this.#rows.all(sessionScope(sessionId), queries.pendingApprovals(sessionId))
    return rows.map(decode.decodeApproval)
  }

  async listSessions({ limit, pageToken, archived, cwd, subagents, parentThreadId }: SessionQuery) {
    const parent = parentThreadId ?? (subagents ? undefined : null)
    const range = { archived, cwd: cwd ?? null, parentThreadId: parent }
    const after = readSessionToken(pageToken)
    const [rows, count] = await Promise.all([
      this.#rows.read(LIST_SCOPE, queries.sessionPage({ ...range, after, limit: limit + 1 })),
      this.#rows.first(LIST_SCOPE, queries.sessionCount(range)),
    ])
    const page = pageOf(rows, limit, (row) => makePageToken('sessions', [row.updated_at, row.id]))
    return {
      rows: page.rows.map(decode.decodeSummary),
      nextPageToken: page.nextPageToken,
      total: count?.total ?? 0,
    }
  }

  async listItems({ sessionId, limit, pageToken, order, turnId, beforeSeq }: ItemQuery) {
    const kind = order === 'newestFirst' ? 'itemsNewestFirst' : 'itemsOldestFirst'
    const place = readNumberToken(kind, pageToken)
    const bounds = [beforeSeq, order === 'newestFirst' ? place : null].filter(
      (bound) => typeof bound === 'number',
    )
    const query = queries.itemPage({
      sessionId,
      turnId: turnId ?? null,
      order,
      afterSeq: order === 'oldestFirst' ? place : null,
      beforeSeq: bounds.length > 0 ? Math.min(...bounds) : null,
      limit: limit + 1,
    })
    const budget = { column: 'body', bytes: PAGE_BYTES }
    const rows = await this.#rows.read(sessionScope(sessionId), query, budget)
    const page = pageOf(rows, limit, (row) => makePageToken(kind, [row.seq]))
    return { rows: await decodeAll(page.rows, decode.decodeItem), nextPageToken: page.nextPageToken }
  }

  async listTurns({ sessionId, limit, pageToken, order = 'newestFirst' }: PageQuery) {
    const kind = order === 'newestFirst' ? 'turns' : 'turnsOldestFirst'
    const query = { sessionId, order, after: readNumberToken(kind, pageToken), limit: limit + 1 }
    const rows = await this.#rows.read(sessionScope(sessionId), queries.turnPage(query))
    const page = pageOf(rows, limit, (row) => makePageToken(kind, [row.seq]))
    return { rows: page.rows.map(decode.decodeTurn), nextPageToken: page.nextPageToken }
  }

  async listApprovals({ sessionId, limit, pageToken, order = 'newestFirst' }: PageQuery) {
    const kind = order === 'newestFirst' ? 'approvals' : 'approvalsOldestFirst'
    const query = { sessionId, order, after: readNumberToken(kind, pageToken), limit: limit + 1 }
    const rows = await this.#rows.read(sessionScope(sessionId), queries.approvalPage(query))
    const page = pageOf(rows, limit, (row) => makePageToken(kind, [row.position]))
    return { rows: page.rows.map(decode.decodeApproval), nextPageToken: page.nextPageToken }
  }

  async loadWindow({ sessionId, maxItems, maxBytes }: WindowQuery) {
    const query = queries.itemPage({
      sessionId,
      turnId: null,
      order: 'newestFirst',
      afterSeq: null,
      beforeSeq: null,
      limit: maxItems,
    })
    const { rows } = await this.#rows.read(sessionScope(sessionId), query, {
      column: 'body',
      bytes: maxBytes,
    })
    return (await decodeAll(rows, decode.decodeItem)).reverse()
  }

  async countHistory(sessionId: string, toolTypes: readonly string[]) {
    const scope = sessionScope(sessionId)
    const [turns, types] = await Promise.all([
      this.#rows.first(scope, queries.turnCount(sessionId)),
      this.#rows.all(scope, queries.itemTypes(sessionId)),
    ])
    return decode.decodeCounters(turns?.total ?? 0, types, toolTypes)
  }

  async loadItem(sessionId: string, itemId: string) {
    const row = await this.#rows.first(sessionScope(sessionId), queries.item(sessionId, itemId))
    return row ? decode.decodeItem(row) : null
  }

  async search({ query, limit, pageToken, sessionIds, kinds, since, until, perSession }: SearchQuery) {
    const token = readNumberToken('search', pageToken)
    const terms = readTerms(query)
    if (terms.length === 0 || sessionIds?.size === 0) return { rows: [], nextPageToken: null }
    // What was just said is to be found; where the disk does not take it, what was said before still is.
    await this.#queue.flush().catch(() => {})
    await this.#indexing.hurry().catch(() => {})
    const { hits, nextId } = await this.#searching.find({
      terms,
      beforeId: Math.min(token ?? Number.MAX_SAFE_INTEGER, idOf(until ?? Number.MAX_SAFE_INTEGER)),
      fromId: idOf(since ?? 0),
      limit,
      sessionIds,
      kinds: kinds ?? null,
      perSession: perSession ?? null,
    })
    return { rows: hits, nextPageToken: nextId === null ? null : makePageToken('search', [nextId]) }
  }

  textsWaiting() {
    return this.#indexing.waiting()
  }

  async loadIndexedRollouts() {
    const { sql, parameters } = indexedRollouts().compile()
    const { rows } = await this.#thread.request({ kind: 'read', sql, parameters })
    const known = rows as { thread_id: string; session_id: string; stamp: string; is_whole: number }[]
    return known.map(({ thread_id, session_id, stamp, is_whole }) => ({
      threadId: thread_id,
      sessionId: session_id,
      stamp,
      isWhole: is_whole === 1,
    }))
  }

  async loadIndexState(threadId: string) {
    const { sql, parameters } = rolloutState(threadId).compile()
    const { rows } = await this.#thread.request({ kind: 'read', sql, parameters })
    const [row] = rows as { stamp: string; read_state: string | null }[]
    return row?.read_state ? { stamp: row.stamp, state: JSON.parse(row.read_state) as unknown } : null
  }

  async indexRollout(piece: RolloutPiece) {
    // A session that is new must be there before what is said in it.
    if (this.#queue.concerns(sessionScope(piece.sessionId))) await this.#queue.flush()
    return this.#thread.request({ kind: 'indexRollout', piece })
  }

  async forgetRollout(threadId: string, sessionId: string) {
    // The texts first: interrupted in between, it is done once more.
    for (const query of [dropRolloutTexts(sessionId), dropRollout(threadId)]) {
      const { sql, parameters } = query.compile()
      await this.#thread.request({ kind: 'run', sql, parameters })
    }
  }

  async stats(): Promise<StoreStats> {
    const [databaseBytes, walBytes] = await Promise.all([sizeOf(this.#file), sizeOf(`${this.#file}-wal`)])
    return { databaseBytes, walBytes, ...this.#queue.stats(), schemaVersion: this.#schemaVersion }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#upkeep.stop()
    this.#indexing.stop()
    await this.#searching.close()
    try {
      await this.#queue.flush()
      await this.#thread.request({ kind: 'checkpoint', mode: 'truncate' })
      await this.#thread.request({ kind: 'close' })
    } catch (error) {
      const { queuedChanges } = this.#queue.stats()
      this.#log.error({ error, queuedChanges }, 'the store could not be closed in order')
      throw error
    } finally {
      this.#queue.stop()
      await this.#thread.end()
    }
  }

  #tell(fault: StoreError | null): void {
    if (fault) this.#log.error({ fault: fault.fault, facts: fault.facts }, fault.message)
    else this.#log.info({ file: this.#file }, 'the store writes again')
    for (const listener of this.#listeners) {
      try {
        listener(fault)
      } catch (error) {
        // The queue must go on, whatever those it tells do.
        this.#log.error({ error }, 'a listener for faults of the store threw')
      }
    }
  }
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  )
}
