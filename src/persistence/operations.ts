/**
 * The statements a batch is made of, by number, with the order of their parameters. Both threads read this list: the
 * hub's thread writes `number, parameter, parameter …` into one flat array, the worker walks it.
 */
import type { Tables } from './tables.ts'

/** What crosses to the worker. Flat arrays of these are the cheapest thing to clone. */
export type Cell = string | number | null

export type Operation = {
  readonly [T in keyof Tables]:
    | {
        readonly does: 'put'
        readonly table: T
        readonly columns: readonly (keyof Tables[T] & string)[]
        readonly key: readonly (keyof Tables[T] & string)[]
      }
    | { readonly does: 'delete'; readonly table: T; readonly columns: readonly (keyof Tables[T] & string)[] }
    | { readonly does: 'releaseThread'; readonly table: T; readonly columns: readonly ['thread_id', 'id'] }
}[keyof Tables]

export const OPERATIONS = {
  putSession: {
    does: 'put',
    table: 'sessions',
    columns: [
      'id',
      'thread_id',
      'archived',
      'cwd',
      'created_at',
      'updated_at',
      'summary',
      'rollout_path',
      'codex_home',
      'wanted',
      'next_turn_seq',
      'next_item_seq',
      'parent_thread_id',
      'isolation',
    ],
    key: ['id'],
  },
  // Takes a thread from any other session: the newest claim wins, and the unique index can never fail a batch.
  releaseThread: { does: 'releaseThread', table: 'sessions', columns: ['thread_id', 'id'] },
  deleteSession: { does: 'delete', table: 'sessions', columns: ['id'] },
  putDetails: {
    does: 'put',
    table: 'details',
    columns: ['session_id', 'plan', 'diff', 'unified_diff', 'warnings'],
    key: ['session_id'],
  },
  deleteDetails: { does: 'delete', table: 'details', columns: ['session_id'] },
  putTurn: {
    does: 'put',
    table: 'turns',
    columns: ['session_id', 'id', 'seq', 'status', 'turn'],
    key: ['session_id', 'id'],
  },
  deleteTurn: { does: 'delete', table: 'turns', columns: ['session_id', 'id'] },
  deleteTurns: { does: 'delete', table: 'turns', columns: ['session_id'] },
  putItem: {
    does: 'put',
    table: 'items',
    columns: [
      'session_id',
      'id',
      'seq',
      'turn_id',
      'type',
      'status',
      'started_at',
      'completed_at',
      'envelope',
      'body',
    ],
    key: ['session_id', 'id'],
  },
  deleteItem: { does: 'delete', table: 'items', columns: ['session_id', 'id'] },
  deleteItems: { does: 'delete', table: 'items', columns: ['session_id'] },
  putApproval: {
    does: 'put',
    table: 'approvals',
    columns: [
      'session_id',
      'id',
      'state',
      'kind',
      'requested_at',
      'choice',
      'decided_by_client',
      'decided_by_name',
      'decided_at',
      'waited_ms',
      'approval',
    ],
    key: ['session_id', 'id'],
  },
  deleteApprovals: { does: 'delete', table: 'approvals', columns: ['session_id'] },
  putReceipt: {
    does: 'put',
    table: 'receipts',
    columns: ['command_id', 'method', 'params_hash', 'client_id', 'session_id', 'state', 'answer', 'at'],
    key: ['command_id'],
  },
  deleteReceipts: { does: 'delete', table: 'receipts', columns: ['session_id', 'state'] },
  putProcess: {
    does: 'put',
    table: 'processes',
    columns: [
      'id',
      'pid',
      'start_token',
      'socket_path',
      'session_id',
      'hub_id',
      'codex_path',
      'codex_version',
      'codex_home',
      'started_at',
      'shared_by',
      'warden_pid',
      'warden_start_token',
    ],
    key: ['id'],
  },
  deleteTurnItems: { does: 'delete', table: 'items', columns: ['session_id', 'turn_id'] },
  putRollout: {
    does: 'put',
    table: 'rollouts',
    columns: ['thread_id', 'session_id', 'codex_home', 'stamp', 'read_stamp'],
    key: ['thread_id'],
  },
  putReadState: {
    does: 'put',
    table: 'rollouts',
    columns: ['thread_id', 'session_id', 'codex_home', 'stamp', 'read_stamp', 'read_state'],
    key: ['thread_id'],
  },
  deleteRollout: { does: 'delete', table: 'rollouts', columns: ['thread_id'] },
  deleteRollouts: { does: 'delete', table: 'rollouts', columns: ['session_id'] },
  putDropped: {
    does: 'put',
    table: 'dropped_threads',
    columns: ['thread_id', 'codex_home', 'dropped_at'],
    key: ['thread_id'],
  },
  deleteDropped: { does: 'delete', table: 'dropped_threads', columns: ['thread_id'] },
  putQueue: {
    does: 'put',
    table: 'queues',
    columns: ['session_id', 'hold', 'past_turn_id', 'sent'],
    key: ['session_id'],
  },
  deleteQueue: { does: 'delete', table: 'queues', columns: ['session_id'] },
  putQueueEntry: {
    does: 'put',
    table: 'queue_entries',
    columns: ['session_id', 'id', 'entry'],
    key: ['session_id', 'id'],
  },
  deleteQueueEntry: { does: 'delete', table: 'queue_entries', columns: ['session_id', 'id'] },
  deleteQueueEntries: { does: 'delete', table: 'queue_entries', columns: ['session_id'] },
  putQueuePrompt: {
    does: 'put',
    table: 'queue_prompts',
    columns: ['session_id', 'entry_id', 'prompt'],
    key: ['session_id', 'entry_id'],
  },
  deleteQueuePrompt: { does: 'delete', table: 'queue_prompts', columns: ['session_id', 'entry_id'] },
  deleteQueuePrompts: { does: 'delete', table: 'queue_prompts', columns: ['session_id'] },
  putAgent: {
    does: 'put',
    table: 'agents',
    columns: ['name', 'grants', 'token_digest', 'created_at', 'revoked_at'],
    key: ['name'],
  },
  putAudit: {
    does: 'put',
    table: 'audit',
    columns: ['id', 'at', 'agent', 'tool', 'session_id', 'caller_session_id', 'outcome', 'error', 'took_ms'],
    key: ['id'],
  },
  putAttention: { does: 'put', table: 'attention', columns: ['key', 'raised_at', 'entry'], key: ['key'] },
  deleteAttention: { does: 'delete', table: 'attention', columns: ['key'] },
  deleteProcess: { does: 'delete', table: 'processes', columns: ['id'] },
} as const satisfies Record<string, Operation>

export type OperationName = keyof typeof OPERATIONS

export const OPERATION_NAMES = Object.keys(OPERATIONS) as readonly OperationName[]

/** The number by which an operation is named in a batch. */
export const NUMBER_OF = Object.fromEntries(
  OPERATION_NAMES.map((name, number) => [name, number]),
) as Readonly<Record<OperationName, number>>
