/** Threads whose session a person deleted here while Codex kept them: they are not adopted again by themselves. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('dropped_threads')
    .addColumn('thread_id', 'text', (column) => column.primaryKey())
    .addColumn('codex_home', 'text')
    .addColumn('dropped_at', 'real', (column) => column.notNull())
    .modifyEnd(sql`strict`)
    .execute()
}
