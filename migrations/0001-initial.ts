/**
 * The first tables. Times are REAL (milliseconds since 1970, possibly with fractions: file times have them).
 * There are no foreign keys: a change that came in an unlucky order would fail its batch for ever, and a removed session
 * takes its rows along explicitly.
 */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sessions')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('thread_id', 'text')
    .addColumn('archived', 'integer', (column) => column.notNull())
    .addColumn('cwd', 'text', (column) => column.notNull())
    .addColumn('created_at', 'real', (column) => column.notNull())
    .addColumn('updated_at', 'real', (column) => column.notNull())
    .addColumn('summary', 'text', (column) => column.notNull())
    .addColumn('rollout_path', 'text')
    .addColumn('codex_home', 'text')
    .addColumn('wanted', 'text', (column) => column.notNull())
    .addColumn('next_turn_seq', 'integer', (column) => column.notNull())
    .addColumn('next_item_seq', 'integer', (column) => column.notNull())
    .modifyEnd(sql`strict`)
    .execute()
  await db.schema.createIndex('sessions_thread').on('sessions').column('thread_id').unique().execute()
  // Holds all that the list filters and sorts by, so that counting and skipping touch no session row.
  await sql`create index sessions_list on sessions (archived, updated_at desc, id, cwd)`.execute(db)

  await db.schema
    .createTable('details')
    .addColumn('session_id', 'text', (column) => column.primaryKey())
    .addColumn('plan', 'text')
    .addColumn('diff', 'text')
    .addColumn('unified_diff', 'text')
    .addColumn('warnings', 'text', (column) => column.notNull())
    .modifyEnd(sql`strict`)
    .execute()

  await db.schema
    .createTable('turns')
    .addColumn('session_id', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('turn', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('turns_key', ['session_id', 'id'])
    .modifyEnd(sql`strict`)
    .execute()
  await db.schema.createIndex('turns_order').on('turns').columns(['session_id', 'seq']).execute()

  await db.schema
    .createTable('items')
    .addColumn('session_id', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('turn_id', 'text', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('started_at', 'real')
    .addColumn('completed_at', 'real')
    // The rest of the envelope as JSON (`hole` and whatever later protocol versions add); null when there is none.
    .addColumn('envelope', 'text')
    // Last, so that reading any other column never walks the pages of a large body.
    .addColumn('body', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('items_key', ['session_id', 'id'])
    .modifyEnd(sql`strict`)
    .execute()
  await db.schema.createIndex('items_order').on('items').columns(['session_id', 'seq']).execute()
  await db.schema.createIndex('items_of_turn').on('items').columns(['session_id', 'turn_id', 'seq']).execute()

  await db.schema
    .createTable('approvals')
    // The order in which the hub learnt of them; short enough for a page token, unlike their ids.
    .addColumn('position', 'integer', (column) => column.primaryKey())
    .addColumn('session_id', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('requested_at', 'real', (column) => column.notNull())
    .addColumn('choice', 'text')
    .addColumn('decided_by_client', 'text')
    .addColumn('decided_by_name', 'text')
    .addColumn('decided_at', 'real')
    .addColumn('waited_ms', 'real')
    .addColumn('approval', 'text', (column) => column.notNull())
    .addUniqueConstraint('approvals_key', ['session_id', 'id'])
    .modifyEnd(sql`strict`)
    .execute()
  await db.schema.createIndex('approvals_order').on('approvals').columns(['session_id', 'position']).execute()
  await sql`create index approvals_pending on approvals (session_id, position) where state = 'pending'`.execute(
    db,
  )

  await db.schema
    .createTable('receipts')
    .addColumn('command_id', 'text', (column) => column.primaryKey())
    .addColumn('method', 'text', (column) => column.notNull())
    .addColumn('params_hash', 'text', (column) => column.notNull())
    .addColumn('client_id', 'text', (column) => column.notNull())
    .addColumn('session_id', 'text')
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('answer', 'text')
    .addColumn('at', 'real', (column) => column.notNull())
    .modifyEnd(sql`strict`)
    .execute()
  await db.schema.createIndex('receipts_age').on('receipts').column('at').execute()
  await sql`create index receipts_pending on receipts (state) where state = 'pending'`.execute(db)

  await db.schema
    .createTable('processes')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('pid', 'integer', (column) => column.notNull())
    .addColumn('start_token', 'text', (column) => column.notNull())
    .addColumn('socket_path', 'text')
    .addColumn('session_id', 'text')
    .addColumn('hub_id', 'text', (column) => column.notNull())
    .addColumn('codex_path', 'text', (column) => column.notNull())
    .addColumn('codex_version', 'text')
    .addColumn('codex_home', 'text')
    .addColumn('started_at', 'real', (column) => column.notNull())
    .modifyEnd(sql`strict`)
    .execute()
}
