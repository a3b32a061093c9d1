/** Everything that can be written to the store. Of one thing the latest wins. */
import type { AuditRow } from '../protocol/agent.ts'
import type { Approval } from '../protocol/approval.ts'
import type { AttentionEntry } from '../protocol/attention.ts'
import type { Item } from '../protocol/item.ts'
import type { Prompt, QueueEntry } from '../protocol/queue.ts'
import type { Turn } from '../protocol/turn.ts'
import type {
  DroppedThread,
  Receipt,
  StoredAgent,
  StoredDetails,
  StoredHold,
  StoredProcess,
  StoredRollout,
  StoredSession,
} from './stored.ts'

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
