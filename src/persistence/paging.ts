/** How pages of the store are asked for, and what a page is. A `pageToken` continues where the page before ended. */
import type { SearchKind } from '../protocol/search.ts'

export interface Page<T> {
  readonly rows: readonly T[]
  readonly nextPageToken: string | null
}

export interface SessionQuery {
  readonly limit: number
  readonly pageToken?: string | undefined
  readonly archived: boolean
  readonly cwd?: string | undefined
  /** Also those of subagents. */
  readonly subagents?: boolean | undefined
  /** Only those of the subagents of this thread. */
  readonly parentThreadId?: string | undefined
}

/** A page of what belongs to one session. */
export interface PageQuery {
  readonly sessionId: string
  readonly limit: number
  readonly pageToken?: string | undefined
  readonly order?: 'newestFirst' | 'oldestFirst'
}

export interface ItemQuery extends PageQuery {
  readonly order: 'newestFirst' | 'oldestFirst'
  readonly turnId?: string | undefined
  readonly beforeSeq?: number | undefined
}

export interface SearchQuery {
  /** As a person types it; any text will do. */
  readonly query: string
  readonly limit: number
  readonly pageToken?: string | undefined
  /** Only in these sessions; null for all. */
  readonly sessionIds: ReadonlySet<string> | null
  readonly kinds?: readonly SearchKind[] | undefined
  /** From here (inclusive) to there (exclusive). Milliseconds since 1970. */
  readonly since?: number | undefined
  readonly until?: number | undefined
  /** At most so many hits of one session on a page. */
  readonly perSession?: number | undefined
}

export interface WindowQuery {
  readonly sessionId: string
  readonly maxItems: number
  readonly maxBytes: number
}

export interface AuditQuery {
  readonly agent?: string | undefined
  readonly sessionId?: string | undefined
  readonly limit: number
  readonly pageToken?: string | undefined
}
