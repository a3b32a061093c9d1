/**
 * What the hub remembers and how it asks for it. Writes are queued, batched and flushed off the main thread; a caller
 * that must be able to rely on a write awaits `flush`. Nothing queued is ever dropped: a failed batch is retried whole,
 * then `onFault` is called and the batch stays queued.
 */
import type { AuditRow } from '../protocol/agent.ts'
import type { Approval } from '../protocol/approval.ts'
import type { AttentionEntry } from '../protocol/attention.ts'
import type { Item } from '../protocol/item.ts'
import type { Prompt } from '../protocol/queue.ts'
import type { SearchHit } from '../protocol/search.ts'
import type { Summary } from '../protocol/summary.ts'
import type { Turn } from '../protocol/turn.ts'
import type { Change } from './change.ts'
import type {
  AuditQuery,
  ItemQuery,
  Page,
  PageQuery,
  SearchQuery,
  SessionQuery,
  WindowQuery,
} from './paging.ts'
import type { RolloutPiece } from './search/index-texts.ts'
import type { StoreError } from './store-error.ts'
import type {
  DroppedThread,
  IndexedRollout,
  Receipt,
  StoredAgent,
  StoredDetails,
  StoredProcess,
  StoredQueue,
  StoredRollout,
  StoredSession,
} from './stored.ts'

export interface StoreStats {
  readonly databaseBytes: number
  readonly walBytes: number
  readonly queuedChanges: number
  readonly queuedBytes: number
  readonly flushes: number
  readonly failedFlushes: number
  /** Of the newest flush, in milliseconds. */
  readonly lastFlushMs: number
  readonly maxFlushMs: number
  readonly schemaVersion: string
}

export interface Store {
  /** Queue changes, in order; those of one call are committed together. Returns at once. @throws TypeError when a value is no JSON; then none of them is queued. */
  write(...changes: readonly Change[]): void
  /** Resolves when everything queued so far is committed; rejects with `StoreError` when the disk refuses it. */
  flush(): Promise<void>
  /** Told when a batch fails (once per outage) and when writing works again. */
  onFault(listener: (fault: StoreError | null) => void): void

  /**
   * Reads see what was queued before them; while that cannot be written they reject with `StoreError`. A read that
   * concerns nothing queued answers also during an outage.
   */
  loadSessions(): Promise<StoredSession[]>
  loadSession(sessionId: string): Promise<StoredSession | null>
  loadDetails(sessionId: string): Promise<StoredDetails | null>
  loadTurns(sessionId: string, ids: readonly string[]): Promise<Turn[]>
  loadProcesses(): Promise<StoredProcess[]>
  loadRollouts(): Promise<StoredRollout[]>
  loadDropped(): Promise<DroppedThread[]>
  /** How far a thread's rollout was read; null when it was not. */
  loadReadState(threadId: string): Promise<unknown>
  loadQueues(): Promise<StoredQueue[]>
  loadQueuePrompt(sessionId: string, entryId: string): Promise<Prompt | null>
  loadReceipt(commandId: string): Promise<Receipt | null>
  /** Turns `pending` receipts into `indeterminate`; called once at start. @returns how many. */
  settleReceipts(): Promise<number>
  loadAgents(): Promise<StoredAgent[]>
  /** In the order in which they were raised. */
  loadAttention(): Promise<AttentionEntry[]>
  loadAuditRow(id: string): Promise<AuditRow | null>
  /** Newest first, in the order in which the calls began. */
  listAudit(query: AuditQuery): Promise<Page<AuditRow>>
  loadPendingApprovals(sessionId: string): Promise<Approval[]>
  listSessions(query: SessionQuery): Promise<Page<Summary> & { readonly total: number }>
  /** A page ends before `limit` where the bodies on it are large; `nextPageToken` tells whether there is more. */
  listItems(query: ItemQuery): Promise<Page<Item>>
  /** Newest first unless asked otherwise. */
  listTurns(query: PageQuery): Promise<Page<Turn>>
  /** Newest first unless asked otherwise, in the order in which they were first written. */
  listApprovals(query: PageQuery): Promise<Page<Approval>>
  /**
   * Newest items within `maxItems` and `maxBytes` of stored body, but at least one, and as much again of older ones that
   * have not ended; oldest first.
   */
  loadWindow(query: WindowQuery): Promise<Item[]>
  /** How many turns, items, prompts and items of these types a session has. */
  countHistory(sessionId: string, toolTypes: readonly string[]): Promise<Summary['counters']>
  loadItem(sessionId: string, itemId: string): Promise<Item | null>
  /**
   * Places in titles, prompts and agent messages, newest first. A page may hold less than `limit`, and be followed by
   * more, where filters leave little of very much.
   */
  search(query: SearchQuery): Promise<Page<SearchHit>>
  /** How many texts in the store cannot be found yet. */
  textsWaiting(): Promise<number>
  loadIndexedRollouts(): Promise<IndexedRollout[]>
  /** Where the reading of a rollout for the index stands; null where it has not begun, or is done. */
  loadIndexState(threadId: string): Promise<{ readonly stamp: string; readonly state: unknown } | null>
  /** Put a piece of a rollout into the index. @returns whether more of it is wanted, and how long it took */
  indexRollout(piece: RolloutPiece): Promise<{ readonly isWanted: boolean; readonly ms: number }>
  /** Take out of the index what was put there from a rollout: its session's history is in the store, or gone. */
  forgetRollout(threadId: string, sessionId: string): Promise<void>
  stats(): Promise<StoreStats>
  /** Flush, checkpoint and close. */
  close(): Promise<void>
}
