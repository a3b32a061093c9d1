/**
 * What the hub remembers and how it asks for it. Writes are queued, batched and flushed off the main thread; a caller
 * that must be able to rely on a write awaits `flush`. Nothing queued is ever dropped: a failed batch is retried whole,
 * then `onFault` is called and the batch stays queued.
 */
import type { AuditRow, Grant } from '../protocol/agent.ts'
import type { Approval } from '../protocol/approval.ts'
import type { AttentionEntry } from '../protocol/attention.ts'
import type { Item } from '../protocol/item.ts'
import type { Prompt, Queue, QueueEntry } from '../protocol/queue.ts'
import type { SearchHit } from '../protocol/search.ts'
import type { Diff, Plan, Warning } from '../protocol/session-state.ts'
import type { SettingsRequest } from '../protocol/settings.ts'
import type { Isolation, Summary } from '../protocol/summary.ts'
import type { Turn } from '../protocol/turn.ts'
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

/** A session as stored: its summary and what only the hub needs. */
export interface StoredSession {
  readonly summary: Summary
  readonly rolloutPath: string | null
  readonly codexHome: string | null
  /** Settings a person asked for; sent again when the session is resumed. */
  readonly wanted: SettingsRequest
  /** Where it was said for this session; null: as it is configured. */
  readonly isolation: Isolation | null
  readonly nextSeq: { readonly turn: number; readonly item: number }
}

/** The parts of a session's state that are one value each. */
export interface StoredDetails {
  readonly plan: Plan | null
  readonly diff: Diff | null
  /** The whole diff, also where `diff.unified` is cut. */
  readonly unifiedDiff: string | null
  readonly warnings: readonly Warning[]
}

export interface Receipt {
  readonly commandId: string
  readonly method: string
  /** Hash of the parameters: a repeat with others is a conflict. */
  readonly paramsHash: string
  readonly clientId: string
  readonly sessionId: string | null
  /** `pending` rows found at start become `indeterminate`. */
  readonly state: 'pending' | 'done' | 'failed' | 'indeterminate'
  /** The result, or the error's `{code, message, data}`. */
  readonly answer: unknown
  readonly at: number
}

/** One row of the process ledger. The same shape as the connectors' `ProcessRecord`. */
export interface StoredProcess {
  readonly id: string
  readonly pid: number
  readonly startToken: string
  readonly socketPath: string | null
  readonly sessionId: string | null
  /** Of sessions that share it: what they have in common; null for one of its own. */
  readonly sharedBy: string | null
  readonly warden: { readonly pid: number; readonly startToken: string } | null
  readonly hubId: string
  readonly codexPath: string
  readonly codexVersion: string | null
  readonly codexHome: string | null
  readonly startedAt: number
}

/** A thread's rollout files as they were last looked at. */
export interface StoredRollout {
  readonly threadId: string
  /** Null for a thread that is no session of its own. */
  readonly sessionId: string | null
  readonly codexHome: string
  /** Names, sizes and times of the files when they were last looked at. */
  readonly stamp: string
  /** The same when they had been read to their end; null where they were not. */
  readonly readStamp: string | null
}

/** A thread whose session was deleted here while Codex kept it. */
export interface DroppedThread {
  readonly threadId: string
  /** Null: the home of the hub's own sessions. */
  readonly codexHome: string | null
  readonly droppedAt: number
}

/** What is stored of a session's queue beside its entries. */
export interface StoredHold {
  readonly hold: Queue['hold']
  readonly sent: Queue['sent']
  /** The last turn whose end holds nothing up. */
  readonly pastTurnId: string | null
}

/** A queue as it is read at start. */
export interface StoredQueue extends StoredHold {
  readonly sessionId: string
  /** In no order. */
  readonly entries: readonly QueueEntry[]
}

/** An agent as stored. The name `*` stands for the door of all agents. */
export interface StoredAgent {
  readonly name: string
  readonly grants: readonly Grant[]
  /** SHA-256 in hex. */
  readonly tokenDigest: string | null
  readonly createdAt: number
  readonly revokedAt: number | null
}

export type Change =
  | { readonly kind: 'session'; readonly session: StoredSession }
  /** All that is stored of a session, the receipts of its settled commands included. */
  | { readonly kind: 'sessionRemoved'; readonly sessionId: string }
  | { readonly kind: 'details'; readonly sessionId: string; readonly details: StoredDetails }
  | { readonly kind: 'turn'; readonly sessionId: string; readonly turn: Turn }
  /** The whole item: texts uncut. Latest wins. */
  | { readonly kind: 'item'; readonly sessionId: string; readonly item: Item }
  /** Each turn with all its items. */
  | {
      readonly kind: 'removed'
      readonly sessionId: string
      readonly turnIds: readonly string[]
      readonly itemIds: readonly string[]
    }
  | { readonly kind: 'approval'; readonly sessionId: string; readonly approval: Approval }
  | { readonly kind: 'receipt'; readonly receipt: Receipt }
  | { readonly kind: 'process'; readonly process: StoredProcess }
  | { readonly kind: 'processGone'; readonly id: string }
  /** With `readState`: how far it was read; null for not at all. Without it what is stored of that stays. */
  | { readonly kind: 'rollout'; readonly rollout: StoredRollout & { readonly readState?: unknown } }
  | { readonly kind: 'queue'; readonly sessionId: string; readonly queue: StoredHold }
  | { readonly kind: 'queueEntry'; readonly sessionId: string; readonly entry: QueueEntry }
  | {
      readonly kind: 'queuePrompt'
      readonly sessionId: string
      readonly entryId: string
      readonly prompt: Prompt
    }
  /** The entry and its prompt. */
  | { readonly kind: 'queueEntryGone'; readonly sessionId: string; readonly entryId: string }
  | { readonly kind: 'rolloutGone'; readonly threadId: string }
  | { readonly kind: 'threadDropped'; readonly dropped: DroppedThread }
  | { readonly kind: 'threadTaken'; readonly threadId: string }
  | { readonly kind: 'agent'; readonly agent: StoredAgent }
  /** Latest wins, by the call's id. */
  | { readonly kind: 'audit'; readonly row: AuditRow }
  | { readonly kind: 'attention'; readonly entry: AttentionEntry }
  | { readonly kind: 'attentionGone'; readonly key: string }
  /** All turns and items of a session: they will be read anew. */
  | { readonly kind: 'historyRemoved'; readonly sessionId: string }

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

/** A rollout as far as it is in the index of search. */
export interface IndexedRollout {
  readonly threadId: string
  readonly sessionId: string
  readonly stamp: string
  /** Else only a part of it. */
  readonly isWhole: boolean
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
  /** Newest items, oldest first, within `maxItems` and `maxBytes` of stored body, but at least one. */
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
