/** Turns rows back into the hub's values. Runs on the hub's own thread: JSON crosses threads as text. */
import type { Selectable } from 'kysely'
import type { AuditRow } from '../protocol/agent.ts'
import type { Approval } from '../protocol/approval.ts'
import type { AttentionEntry } from '../protocol/attention.ts'
import type { Item } from '../protocol/item.ts'
import type { Prompt, QueueEntry } from '../protocol/queue.ts'
import type { Summary } from '../protocol/summary.ts'
import type { Turn } from '../protocol/turn.ts'
import type {
  DroppedThread,
  Receipt,
  StoredAgent,
  StoredDetails,
  StoredProcess,
  StoredQueue,
  StoredRollout,
  StoredSession,
} from './stored.ts'
import type { Tables } from './tables.ts'

/** A row as the worker sends it. */
export type Row<T extends keyof Tables> = Selectable<Tables[T]>

/** What summaries stored by earlier releases lack. */
const ADDED_LATER: Partial<Summary> = {
  note: null,
  reading: null,
  parentThreadId: null,
  imported: null,
  subagent: null,
  isolation: null,
}

const summaryOf = (text: string): Summary => ({ ...ADDED_LATER, ...parse<Summary>(text) })

export function decodeSession(row: Row<'sessions'>): StoredSession {
  return {
    summary: summaryOf(row.summary),
    rolloutPath: row.rollout_path,
    codexHome: row.codex_home,
    wanted: parse<StoredSession['wanted']>(row.wanted),
    untold: parse<StoredSession['untold']>(row.untold),
    isolation: row.isolation as StoredSession['isolation'],
    nextSeq: { turn: row.next_turn_seq, item: row.next_item_seq },
  }
}

export const decodeSummary = (row: Pick<Row<'sessions'>, 'summary'>) => summaryOf(row.summary)
export const decodeTurn = (row: Pick<Row<'turns'>, 'turn'>) => parse<Turn>(row.turn)
export const decodeApproval = (row: Pick<Row<'approvals'>, 'approval'>) => parse<Approval>(row.approval)

export function decodeDetails(row: Row<'details'>): StoredDetails {
  return {
    plan: parseNullable<NonNullable<StoredDetails['plan']>>(row.plan),
    diff: parseNullable<NonNullable<StoredDetails['diff']>>(row.diff),
    unifiedDiff: row.unified_diff,
    warnings: parse<StoredDetails['warnings']>(row.warnings),
  }
}

export function decodeItem(row: Row<'items'>): Item {
  return {
    id: row.id,
    turnId: row.turn_id,
    seq: row.seq,
    type: row.type,
    status: row.status as Item['status'],
    startedAt: row.started_at,
    completedAt: row.completed_at,
    body: parse<Item['body']>(row.body),
    ...parseNullable<Pick<Item, 'hole' | 'cut'>>(row.envelope),
  }
}

/** Queues with their entries; entries without a queue of theirs are in a new one. */
export function decodeQueues(
  rows: readonly Row<'queues'>[],
  entries: readonly Pick<Row<'queue_entries'>, 'session_id' | 'entry'>[],
): StoredQueue[] {
  const bySession = new Map<string, StoredQueue & { readonly entries: QueueEntry[] }>()
  for (const { session_id: sessionId, hold, past_turn_id: pastTurnId, sent } of rows) {
    const beside = { hold: parseNullable<NonNullable<StoredQueue['hold']>>(hold), pastTurnId }
    bySession.set(sessionId, { sessionId, ...beside, sent: parse<StoredQueue['sent']>(sent), entries: [] })
  }
  for (const { session_id: sessionId, entry } of entries) {
    const queue = bySession.get(sessionId) ?? {
      sessionId,
      hold: null,
      pastTurnId: null,
      sent: [],
      entries: [],
    }
    queue.entries.push(parse<QueueEntry>(entry))
    bySession.set(sessionId, queue)
  }
  return [...bySession.values()]
}

export const decodePrompt = (row: Pick<Row<'queue_prompts'>, 'prompt'>) => parse<Prompt>(row.prompt)

export function decodeCounters(
  turns: number,
  types: readonly { readonly type: string; readonly total: number }[],
  toolTypes: readonly string[],
): Summary['counters'] {
  const sum = (fits: (type: string) => boolean) =>
    types.reduce((total, row) => (fits(row.type) ? total + row.total : total), 0)
  return {
    turns,
    items: sum(() => true),
    prompts: sum((type) => type === 'userMessage'),
    tools: sum((type) => toolTypes.includes(type)),
  }
}

export function decodeReceipt(row: Row<'receipts'>): Receipt {
  return {
    commandId: row.command_id,
    method: row.method,
    paramsHash: row.params_hash,
    clientId: row.client_id,
    sessionId: row.session_id,
    state: row.state as Receipt['state'],
    answer: parseNullable(row.answer),
    at: row.at,
  }
}

export function decodeRollout(
  row: Pick<Row<'rollouts'>, 'thread_id' | 'session_id' | 'codex_home' | 'stamp' | 'read_stamp'>,
): StoredRollout {
  return {
    threadId: row.thread_id,
    sessionId: row.session_id,
    codexHome: row.codex_home,
    stamp: row.stamp,
    readStamp: row.read_stamp,
  }
}

export function decodeDropped(row: Row<'dropped_threads'>): DroppedThread {
  return { threadId: row.thread_id, codexHome: row.codex_home, droppedAt: row.dropped_at }
}

export function decodeProcess(row: Row<'processes'>): StoredProcess {
  return {
    id: row.id,
    pid: row.pid,
    startToken: row.start_token,
    socketPath: row.socket_path,
    sessionId: row.session_id,
    hubId: row.hub_id,
    codexPath: row.codex_path,
    codexVersion: row.codex_version,
    codexHome: row.codex_home,
    startedAt: row.started_at,
    sharedBy: row.shared_by,
    warden:
      row.warden_pid === null || row.warden_start_token === null
        ? null
        : { pid: row.warden_pid, startToken: row.warden_start_token },
  }
}

export function decodeAgent(row: Row<'agents'>): StoredAgent {
  return {
    name: row.name,
    grants: parse<StoredAgent['grants']>(row.grants),
    tokenDigest: row.token_digest,
    createdAt: row.created_at,
    revokedAt: row.revoked_at,
  }
}

export function decodeAttention(row: Row<'attention'>): AttentionEntry {
  return parse<AttentionEntry>(row.entry)
}

export function decodeAudit(row: Row<'audit'>): AuditRow {
  return {
    id: row.id,
    at: row.at,
    agent: row.agent,
    tool: row.tool,
    sessionId: row.session_id,
    callerSessionId: row.caller_session_id,
    outcome: row.outcome as AuditRow['outcome'],
    error: row.error,
    tookMs: row.took_ms,
  }
}

const parse = <T>(text: string): T => JSON.parse(text) as T
const parseNullable = <T>(text: string | null): T | null => (text === null ? null : parse<T>(text))
