/** What is stored, in the shapes in which it is written and read back, where the protocol has no word for it. */
import type { Grant } from '../protocol/agent.ts'
import type { Queue, QueueEntry } from '../protocol/queue.ts'
import type { Diff, Plan, Warning } from '../protocol/session-state.ts'
import type { SettingsRequest } from '../protocol/settings.ts'
import type { Isolation, Summary } from '../protocol/summary.ts'

/** A session as stored: its summary and what only the hub needs. */
export interface StoredSession {
  readonly summary: Summary
  readonly rolloutPath: string | null
  readonly codexHome: string | null
  /** Settings a person asked for; sent again when the session is resumed. */
  readonly wanted: SettingsRequest
  /** Those of them that the running process was not told: nobody could reach it. */
  readonly untold: SettingsRequest
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

/** A rollout as far as it is in the index of search. */
export interface IndexedRollout {
  readonly threadId: string
  readonly sessionId: string
  readonly stamp: string
  /** Else only a part of it. */
  readonly isWhole: boolean
}
