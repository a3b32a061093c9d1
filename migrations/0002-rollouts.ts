/**
 * Rollouts of threads that others write: which files a thread has, how they were when they were last looked at, and how
 * far they were read. What was read is stored in the same transaction as the place it was read up to (L11).
 */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('rollouts')
    .addColumn('thread_id', 'text', (column) => column.primaryKey())
    // Null for threads that are known and are no session of their own (subagents).
    .addColumn('session_id', 'text')
    .addColumn('codex_home', 'text', (column) => column.notNull())
    .addColumn('stamp', 'text', (column) => column.notNull())
    // The stamp of what was read to its end; null where something is still to be read.
    .addColumn('read_stamp', 'text')
    // Last, and left out of the list that is read at start: it may hold some KB.
    .addColumn('read_state', 'text')
    .modifyEnd(sql`strict`)
    .execute()
  await db.schema.createIndex('rollouts_of_session').on('rollouts').column('session_id').execute()
}
