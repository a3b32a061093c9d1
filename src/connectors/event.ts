/**
 * Session events: the one vocabulary in which every connector (app-server child, daemon, rollout file) reports what
 * happened. They are facts about Codex; what they mean for a session is decided by `src/server/session`.
 */
import type { ApprovalKind, Choice } from '../protocol/approval.ts'
import type { Goal } from '../protocol/goal.ts'
import type { ItemStatus } from '../protocol/item.ts'
import type { McpStartup } from '../protocol/mcp-server.ts'
import type { Plan } from '../protocol/session-state.ts'
import type { Settings } from '../protocol/settings.ts'
import type { Git, Tokens } from '../protocol/summary.ts'
import type { TurnStatus } from '../protocol/turn.ts'

/** An item as a source knows it; the session adds `seq` and bounds its texts. */
export interface SourceItem {
  readonly id: string
  readonly type: string
  readonly status: ItemStatus
  readonly startedAt: number | null
  readonly completedAt: number | null
  /** Codex's `ThreadItem` (v2 names) without `id` and `type`. */
  readonly body: Record<string, unknown>
}

export interface SourceTurn {
  readonly id: string
  readonly status: TurnStatus
  readonly error: { readonly message: string; readonly code: string | null } | null
  readonly startedAt: number | null
  readonly completedAt: number | null
}

/** A turn read back from Codex, with its items, oldest first. */
export interface HistoryTurn {
  readonly turn: SourceTurn
  readonly items: readonly SourceItem[]
  /**
   * Whether item ids are the ones the live stream used (0.169) or were counted anew for this reading (`item-N`, up to
   * 0.142). Anew: the session aligns by type and text.
   */
  readonly hasStableIds: boolean
  /**
   * The ids are this source's own and will be met again, but another source may have given others (rollouts of releases
   * without ids). A turn that is not known by its id is then compared by its prompt and texts.
   */
  readonly mayDiffer?: boolean
}

/** Facts about the thread itself. Undefined: the source does not say; null: known to be absent. */
export interface ThreadFacts {
  readonly threadId?: string
  readonly codexSessionId?: string | null
  readonly forkedFromThreadId?: string | null
  readonly cwd?: string
  readonly git?: Git | null
  readonly name?: string | null
  readonly codexVersion?: string | null
  readonly rolloutPath?: string | null
  readonly settings?: Partial<Settings>
  readonly createdAt?: number
  readonly archived?: boolean
}

export interface ApprovalRequest {
  /** Names the request across reconnects of the same Codex process: `<instance>:<request id>`. */
  readonly key: string
  readonly kind: ApprovalKind
  readonly method: string
  readonly params: Record<string, unknown>
  readonly turnId: string | null
  readonly itemId: string | null
  readonly title: string
  readonly reason: string | null
  readonly choices: readonly Choice[]
  readonly requestedAt: number
}

export type SessionEvent =
  | { readonly type: 'thread'; readonly facts: ThreadFacts }
  /** `active` with flags as Codex reports them; null flags where the source cannot tell. */
  | {
      readonly type: 'status'
      readonly status: 'idle' | 'active' | 'systemError'
      readonly flags: readonly string[]
      /** What else can be said of it, for a person; undefined where Codex itself speaks. */
      readonly note?: string | null
    }
  /** How much of its history was read, by a source that reads it from a file. Bytes. Null: all. */
  | { readonly type: 'progress'; readonly progress: { readonly read: number; readonly total: number } | null }
  | { readonly type: 'turnStarted'; readonly turn: SourceTurn }
  | { readonly type: 'turnCompleted'; readonly turn: SourceTurn }
  /** An item began, changed or ended; `status` and `completedAt` say which. */
  | { readonly type: 'item'; readonly turnId: string; readonly item: SourceItem }
  | {
      readonly type: 'append'
      readonly turnId: string
      readonly itemId: string
      readonly field: string
      readonly index?: number
      readonly text: string
    }
  /** Patch of a file change item still being written. */
  | { readonly type: 'itemBody'; readonly itemId: string; readonly patch: Record<string, unknown> }
  | { readonly type: 'approvalRequested'; readonly approval: ApprovalRequest }
  /** Codex says the request ended; by whom is not told. */
  | { readonly type: 'approvalResolved'; readonly key: string }
  | { readonly type: 'plan'; readonly plan: Plan }
  /** The whole unified diff of the turn so far. */
  | { readonly type: 'diff'; readonly turnId: string; readonly unified: string }
  | { readonly type: 'tokens'; readonly turnId: string | null; readonly tokens: Tokens }
  | { readonly type: 'rateLimits'; readonly rateLimits: Record<string, unknown> }
  | { readonly type: 'mcpServer'; readonly server: McpStartup }
  | { readonly type: 'goal'; readonly goal: Goal | null }
  | { readonly type: 'warning'; readonly message: string }
  /** A turn met an error; `willRetry` says whether Codex goes on by itself. */
  | {
      readonly type: 'error'
      readonly turnId: string | null
      readonly message: string
      readonly willRetry: boolean
    }
  | { readonly type: 'removed'; readonly turnIds: readonly string[] }
  /** The newest turns are no longer part of the thread; which, only its history tells. */
  | { readonly type: 'reverted' }
  | { readonly type: 'opaque'; readonly method: string; readonly params: unknown }
