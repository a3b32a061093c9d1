/**
 * The statements a batch is made of, by number, with the order of their parameters. Both threads read this list: the
 * hub's thread writes `number, parameter, parameter …` into one flat array, the worker walks it.
 */
import type { Tables } from './tables.ts'

/** What crosses to the worker. Flat arrays of these are the cheapest thing to clone. */
export type Cell = string | number | null

type Column<T extends keyof Tables> = keyof Tables[T] & string

export type Operation = {
  readonly [T in keyof Tables]:
    | {
        readonly does: 'put'
        readonly table: T
        readonly columns: readonly Column<T>[]
        readonly key: readonly Column<T>[]
      }
    | { readonly does: 'delete'; readonly table: T; readonly columns: readonly Column<T>[] }
    | { readonly does: 'releaseThread'; readonly table: T; readonly columns: readonly ['thread_id', 'id'] }
}[keyof Tables]

const put = <T extends keyof Tables>(table: T, columns: readonly Column<T>[], key: readonly Column<T>[]) =>
  ({ does: 'put', table, columns, key }) as const

/** All rows that have these values. */
const remove = <T extends keyof Tables>(table: T, columns: readonly Column<T>[]) =>
  ({ does: 'delete', table, columns }) as const

export const OPERATIONS = {
  putSession: put(
    'sessions',
    [
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
      'untold',
    ],
    ['id'],
  ),
  // Takes a thread from any other session: the newest claim wins, and the unique index can never fail a batch.
  releaseThread: { does: 'releaseThread', table: 'sessions', columns: ['thread_id', 'id'] },
  deleteSession: remove('sessions', ['id']),
  putDetails: put('details', ['session_id', 'plan', 'diff', 'unified_diff', 'warnings'], ['session_id']),
  deleteDetails: remove('details', ['session_id']),
  putTurn: put('turns', ['session_id', 'id', 'seq', 'status', 'turn'], ['session_id', 'id']),
  deleteTurn: remove('turns', ['session_id', 'id']),
  deleteTurns: remove('turns', ['session_id']),
  putItem: put(
    'items',
    [
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
    ['session_id', 'id'],
  ),
  deleteItem: remove('items', ['session_id', 'id']),
  deleteItems: remove('items', ['session_id']),
  putApproval: put(
    'approvals',
    [
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
    ['session_id', 'id'],
  ),
  deleteApprovals: remove('approvals', ['session_id']),
  putReceipt: put(
    'receipts',
    ['command_id', 'method', 'params_hash', 'client_id', 'session_id', 'state', 'answer', 'at'],
    ['command_id'],
  ),
  deleteReceipts: remove('receipts', ['session_id', 'state']),
  putProcess: put(
    'processes',
    [
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
    ['id'],
  ),
  deleteTurnItems: remove('items', ['session_id', 'turn_id']),
  putRollout: put(
    'rollouts',
    ['thread_id', 'session_id', 'codex_home', 'stamp', 'read_stamp'],
    ['thread_id'],
  ),
  putReadState: put(
    'rollouts',
    ['thread_id', 'session_id', 'codex_home', 'stamp', 'read_stamp', 'read_state'],
    ['thread_id'],
  ),
  deleteRollout: remove('rollouts', ['thread_id']),
  deleteRollouts: remove('rollouts', ['session_id']),
  putDropped: put('dropped_threads', ['thread_id', 'codex_home', 'dropped_at'], ['thread_id']),
  deleteDropped: remove('dropped_threads', ['thread_id']),
  putQueue: put('queues', ['session_id', 'hold', 'past_turn_id', 'sent'], ['session_id']),
  deleteQueue: remove('queues', ['session_id']),
  putQueueEntry: put('queue_entries', ['session_id', 'id', 'entry'], ['session_id', 'id']),
  deleteQueueEntry: remove('queue_entries', ['session_id', 'id']),
  deleteQueueEntries: remove('queue_entries', ['session_id']),
  putQueuePrompt: put('queue_prompts', ['session_id', 'entry_id', 'prompt'], ['session_id', 'entry_id']),
  deleteQueuePrompt: remove('queue_prompts', ['session_id', 'entry_id']),
  deleteQueuePrompts: remove('queue_prompts', ['session_id']),
  putAgent: put('agents', ['name', 'grants', 'token_digest', 'created_at', 'revoked_at'], ['name']),
  putAudit: put(
    'audit',
    ['id', 'at', 'agent', 'tool', 'session_id', 'caller_session_id', 'outcome', 'error', 'took_ms'],
    ['id'],
  ),
  putAttention: put('attention', ['key', 'raised_at', 'entry'], ['key']),
  deleteAttention: remove('attention', ['key']),
  deleteProcess: remove('processes', ['id']),
} as const satisfies Record<string, Operation>

export type OperationName = keyof typeof OPERATIONS

export const OPERATION_NAMES = Object.keys(OPERATIONS) as readonly OperationName[]

/** The number by which an operation is named in a batch. */
export const NUMBER_OF = Object.fromEntries(
  OPERATION_NAMES.map((name, number) => [name, number]),
) as Readonly<Record<OperationName, number>>
