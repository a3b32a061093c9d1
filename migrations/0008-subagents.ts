/** Which session a subagent's works for, so that lists hold the others only, and find those of one. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('sessions').addColumn('parent_thread_id', 'text').execute()
  await sql`update sessions set parent_thread_id = json_extract(summary, '$.parentThreadId')`.execute(db)
  // Like `sessions_list`, which stays for the list of all.
  await sql`create index sessions_tree on sessions (archived, parent_thread_id, updated_at desc, id, cwd)`.execute(
    db,
  )
}
