/** What the hub's thread and the store's thread say to each other. Requests are answered in the order they were sent. */
import type { Cell } from './operations.ts'
import type { FindRequest, Found } from './search/find-hits.ts'
import type { RolloutPiece } from './search/index-texts.ts'
import type { StoreFault } from './store-error.ts'

export type Request =
  | {
      readonly kind: 'open'
      readonly file: string
      readonly maxPages: number | null
      /** Opened for reading only, beside the thread that writes; what it reads was committed. */
      readonly isReader?: boolean
    }
  /** Operations, flat (see `operations.ts`): all in one transaction. */
  | { readonly kind: 'write'; readonly cells: readonly Cell[] }
  /** Rows of a query; with `budget`, only as many as fit, but at least one. */
  | {
      readonly kind: 'read'
      readonly sql: string
      readonly parameters: readonly unknown[]
      readonly budget?: Budget
    }
  /** Hits of a search, with their snippets. */
  | { readonly kind: 'find'; readonly find: FindRequest }
  /** Index a piece of what waits for it. */
  | { readonly kind: 'index' }
  /** Index a piece of a rollout. */
  | { readonly kind: 'indexRollout'; readonly piece: RolloutPiece }
  /** A statement without rows. */
  | { readonly kind: 'run'; readonly sql: string; readonly parameters: readonly unknown[] }
  | { readonly kind: 'checkpoint'; readonly mode: 'passive' | 'truncate' }
  | { readonly kind: 'close' }

export interface Budget {
  /** The column whose size counts. */
  readonly column: string
  readonly bytes: number
}

export interface Answers {
  readonly open: {
    readonly schemaVersion: string
    readonly applied: readonly string[]
    readonly backup: string | null
  }
  readonly write: { readonly ms: number }
  /** `isCut`: the budget ended it, not the query. */
  readonly read: { readonly rows: readonly unknown[]; readonly isCut: boolean }
  readonly find: Found
  /** How many texts were worked off; 0 when none wait. */
  readonly index: { readonly indexed: number; readonly ms: number }
  /** `isWanted`: false when the session is gone or its history was read into the store. */
  readonly indexRollout: { readonly isWanted: boolean; readonly ms: number }
  readonly run: { readonly changes: number }
  readonly checkpoint: null
  readonly close: null
}

export interface RequestMessage {
  readonly id: number
  readonly request: Request
}

/** A `StoreError` without its class, which does not cross threads. */
export interface FaultMessage {
  readonly fault: StoreFault
  readonly message: string
  readonly facts: Record<string, unknown>
}

export type ResponseMessage =
  | { readonly id: number; readonly answer: Answers[keyof Answers] }
  | { readonly id: number; readonly failure: FaultMessage }
