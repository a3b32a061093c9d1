/**
 * Every read of the store as a kysely query, built but not run. Pages continue after a key (never an offset), so rows
 * that come and go between two pages neither repeat nor hide others. Each is answered from an index; a test asks SQLite.
 */
import { sql } from 'kysely'
import { folderRange } from '../base/folder.ts'
import { compiler as db } from './statements.ts'

export interface SessionRange {
  readonly archived: boolean
  readonly cwd: string | null
  /** Null: no subagents'. A thread: its subagents' only. Undefined: all. */
  readonly parentThreadId: string | null | undefined
}

const sessionsIn = ({ archived, cwd, parentThreadId }: SessionRange) => {
  const all = db.selectFrom('sessions').where('archived', '=', archived ? 1 : 0)
  const query =
    parentThreadId === undefined
      ? all
      : all.where('parent_thread_id', parentThreadId === null ? 'is' : '=', parentThreadId)
  if (cwd === null) return query
  const range = folderRange(cwd)
  return query.where((eb) =>
    eb.or([eb('cwd', '=', range.exact), eb.and([eb('cwd', '>=', range.from), eb('cwd', '<', range.before)])]),
  )
}

export const sessionCount = (range: SessionRange) =>
  sessionsIn(range).select((eb) => eb.fn.countAll<number>().as('total'))

export function sessionPage(
  range: SessionRange & { readonly after: readonly [number, string] | null; readonly limit: number },
) {
  const query = sessionsIn(range)
    .select(['id', 'updated_at', 'summary'])
    .orderBy('updated_at', 'desc')
    .orderBy('id')
    .limit(range.limit)
  if (range.after === null) return query
  const [updatedAt, id] = range.after
  // The first condition alone is what the index can start at; the second leaves out what the last page showed.
  return query
    .where('updated_at', '<=', updatedAt)
    .where((eb) => eb.or([eb('updated_at', '<', updatedAt), eb('id', '>', id)]))
}

export const sessionsAfter = (id: string, limit: number) =>
  db.selectFrom('sessions').selectAll().where('id', '>', id).orderBy('id').limit(limit)
export const session = (id: string) => db.selectFrom('sessions').selectAll().where('id', '=', id)
export const details = (sessionId: string) =>
  db.selectFrom('details').selectAll().where('session_id', '=', sessionId)
export const processes = () => db.selectFrom('processes').selectAll()
export const rollouts = () =>
  db.selectFrom('rollouts').select(['thread_id', 'session_id', 'codex_home', 'stamp', 'read_stamp'])
export const droppedThreads = () => db.selectFrom('dropped_threads').selectAll()
export const readState = (threadId: string) =>
  db.selectFrom('rollouts').select('read_state').where('thread_id', '=', threadId)
export const queues = () => db.selectFrom('queues').selectAll()
export const queueEntries = () => db.selectFrom('queue_entries').select(['session_id', 'entry'])
export const queuePrompt = (sessionId: string, entryId: string) =>
  db
    .selectFrom('queue_prompts')
    .select('prompt')
    .where('session_id', '=', sessionId)
    .where('entry_id', '=', entryId)
export const receipt = (commandId: string) =>
  db.selectFrom('receipts').selectAll().where('command_id', '=', commandId)

export interface ItemRange {
  readonly sessionId: string
  readonly turnId: string | null
  readonly order: 'newestFirst' | 'oldestFirst'
  /** Exclusive bounds of `seq`. */
  readonly afterSeq: number | null
  readonly beforeSeq: number | null
}

export function itemPage(range: ItemRange & { readonly limit: number }) {
  let query = db.selectFrom('items').selectAll().where('session_id', '=', range.sessionId).limit(range.limit)
  if (range.turnId !== null) query = query.where('turn_id', '=', range.turnId)
  if (range.afterSeq !== null) query = query.where('seq', '>', range.afterSeq)
  if (range.beforeSeq !== null) query = query.where('seq', '<', range.beforeSeq)
  return query.orderBy('seq', range.order === 'newestFirst' ? 'desc' : 'asc')
}

/** The newest of those that have not ended. The status stands in the statement: its index holds no other. */
export const unendedItems = (sessionId: string, beforeSeq: number, limit: number) =>
  db
    .selectFrom('items')
    .selectAll()
    .where('session_id', '=', sessionId)
    .where('status', '=', sql.lit('inProgress'))
    .where('seq', '<', beforeSeq)
    .orderBy('seq', 'desc')
    .limit(limit)

export const turnCount = (sessionId: string) =>
  db
    .selectFrom('turns')
    .where('session_id', '=', sessionId)
    .select((eb) => eb.fn.countAll<number>().as('total'))

/** Read after turns were removed; in no order. */
export const itemTypes = (sessionId: string) =>
  db
    .selectFrom('items')
    .where('session_id', '=', sessionId)
    .groupBy('type')
    .select(['type', (eb) => eb.fn.countAll<number>().as('total')])

export const item = (sessionId: string, id: string) =>
  db.selectFrom('items').selectAll().where('session_id', '=', sessionId).where('id', '=', id)

interface Past {
  readonly sessionId: string
  readonly order: ItemRange['order']
  /** Exclusive; null for the first page. */
  readonly after: number | null
  readonly limit: number
}

const inOrder = (order: Past['order']) =>
  order === 'newestFirst'
    ? ({ beyond: '<', direction: 'desc' } as const)
    : ({ beyond: '>', direction: 'asc' } as const)

export function turnPage({ sessionId, order, after, limit }: Past) {
  const { beyond, direction } = inOrder(order)
  const query = db.selectFrom('turns').select(['seq', 'turn']).where('session_id', '=', sessionId)
  return (after === null ? query : query.where('seq', beyond, after)).orderBy('seq', direction).limit(limit)
}

export const turns = (sessionId: string, ids: readonly string[]) =>
  db.selectFrom('turns').select('turn').where('session_id', '=', sessionId).where('id', 'in', ids)

export function approvalPage({ sessionId, order, after, limit }: Past) {
  const { beyond, direction } = inOrder(order)
  const query = db
    .selectFrom('approvals')
    .select(['position', 'approval'])
    .where('session_id', '=', sessionId)
  return (after === null ? query : query.where('position', beyond, after))
    .orderBy('position', direction)
    .limit(limit)
}

export const pendingApprovals = (sessionId: string) =>
  db
    .selectFrom('approvals')
    .select('approval')
    .where('session_id', '=', sessionId)
    // Written out, not a parameter: only so can SQLite use the partial index.
    .where('state', '=', sql.lit('pending'))
    .orderBy('position')

export const attention = () => db.selectFrom('attention').selectAll().orderBy('raised_at')
export const agents = () => db.selectFrom('agents').selectAll()
export const auditRow = (id: string) => db.selectFrom('audit').selectAll().where('id', '=', id)

export interface AuditRange {
  readonly agent?: string | undefined
  readonly sessionId?: string | undefined
  /** Exclusive; null for the newest page. */
  readonly before: number | null
  readonly limit: number
}

export function auditPage({ agent, sessionId, before, limit }: AuditRange) {
  let query = db.selectFrom('audit').selectAll()
  if (agent !== undefined) query = query.where('agent', '=', agent)
  if (sessionId !== undefined) query = query.where('session_id', '=', sessionId)
  if (before !== null) query = query.where('position', '<', before)
  return query.orderBy('position', 'desc').limit(limit)
}

/** All but the newest `kept` calls of agents. */
export const pruneAudit = (kept: number) =>
  db
    .deleteFrom('audit')
    .where('position', '<=', (eb) =>
      eb.selectFrom('audit').select('position').orderBy('position', 'desc').limit(1).offset(kept),
    )

export const settleReceipts = () =>
  db.updateTable('receipts').set({ state: 'indeterminate' }).where('state', '=', sql.lit('pending'))

/** Receipts too old to be asked for again. Open ones stay until they are settled. */
export const pruneByAge = (before: number) =>
  db.deleteFrom('receipts').where('at', '<', before).where('state', '<>', 'pending')

/** All but the newest `kept` receipts. */
export const pruneByCount = (kept: number) =>
  db
    .deleteFrom('receipts')
    .where('at', '<', (eb) =>
      eb
        .selectFrom('receipts')
        .select('at')
        .orderBy('at', 'desc')
        .limit(1)
        .offset(kept - 1),
    )
    .where('state', '<>', 'pending')
