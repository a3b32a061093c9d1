/** Items that have not ended are found without reading the others: they stay in a session's window however old they are. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index items_unended on items (session_id, seq) where status = 'inProgress'`.execute(db)
}
