/** The tables as kysely sees them. Columns that hold JSON are strings here: encoding happens on the hub's own thread. */
import type { Generated } from 'kysely'

export interface SessionsTable {
  id: string
  thread_id: string | null
  archived: number
  cwd: string
  created_at: number
  updated_at: number
  summary: string
  rollout_path: string | null
  codex_home: string | null
  wanted: string
  next_turn_seq: number
  next_item_seq: number
  parent_thread_id: string | null
  isolation: string | null
  untold: Generated<string>
}

export interface DetailsTable {
  session_id: string
  plan: string | null
  diff: string | null
  unified_diff: string | null
  warnings: string
}

export interface TurnsTable {
  session_id: string
  id: string
  seq: number
  status: string
  turn: string
}

export interface ItemsTable {
  session_id: string
  id: string
  seq: number
  turn_id: string
  type: string
  status: string
  started_at: number | null
  completed_at: number | null
  envelope: string | null
  body: string
}

export interface ApprovalsTable {
  position: Generated<number>
  session_id: string
  id: string
  state: string
  kind: string
  requested_at: number
  choice: string | null
  decided_by_client: string | null
  decided_by_name: string | null
  decided_at: number | null
  waited_ms: number | null
  approval: string
}

export interface ReceiptsTable {
  command_id: string
  method: string
  params_hash: string
  client_id: string
  session_id: string | null
  state: string
  answer: string | null
  at: number
}

export interface ProcessesTable {
  id: string
  pid: number
  start_token: string
  socket_path: string | null
  session_id: string | null
  hub_id: string
  codex_path: string
  codex_version: string | null
  codex_home: string | null
  started_at: number
  shared_by: string | null
  warden_pid: number | null
  warden_start_token: string | null
}

export interface RolloutsTable {
  thread_id: string
  session_id: string | null
  codex_home: string
  stamp: string
  read_stamp: string | null
  read_state: string | null
}

export interface SearchTextsTable {
  id: number
  session_id: string
  item_id: string
  turn_id: string | null
  kind: string
  at: number
  text: string | null
}

export interface SearchPendingTable {
  id: Generated<number>
  session_id: string
  item_id: string
}

export interface SearchRolloutsTable {
  thread_id: string
  session_id: string
  stamp: string
  read_state: string | null
}

/** The index of FTS5; it keeps no text. */
export interface SearchIndex {
  rowid: number
  words: string
}

export interface DroppedThreadsTable {
  thread_id: string
  codex_home: string | null
  dropped_at: number
}

export interface QueuesTable {
  session_id: string
  hold: string | null
  past_turn_id: string | null
  sent: string
}

export interface QueueEntriesTable {
  session_id: string
  id: string
  entry: string
}

export interface QueuePromptsTable {
  session_id: string
  entry_id: string
  prompt: string
}

export interface AgentsTable {
  name: string
  grants: string
  token_digest: string | null
  created_at: number
  revoked_at: number | null
}

export interface AuditTable {
  position: Generated<number>
  id: string
  at: number
  agent: string
  tool: string
  session_id: string | null
  caller_session_id: string | null
  outcome: string
  error: string | null
  took_ms: number | null
}

export interface AttentionTable {
  key: string
  raised_at: number
  entry: string
}

export interface Tables {
  sessions: SessionsTable
  details: DetailsTable
  turns: TurnsTable
  items: ItemsTable
  approvals: ApprovalsTable
  receipts: ReceiptsTable
  processes: ProcessesTable
  rollouts: RolloutsTable
  search_texts: SearchTextsTable
  search_pending: SearchPendingTable
  search_rollouts: SearchRolloutsTable
  search: SearchIndex
  dropped_threads: DroppedThreadsTable
  queues: QueuesTable
  queue_entries: QueueEntriesTable
  queue_prompts: QueuePromptsTable
  agents: AgentsTable
  audit: AuditTable
  attention: AttentionTable
}
