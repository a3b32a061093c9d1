/** What asked for a person, and when that was over. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('attention')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('raised_at', 'real', (column) => column.notNull())
    .addColumn('entry', 'text', (column) => column.notNull())
    .modifyEnd(sql`strict`)
    .execute()
  await db.schema.createIndex('attention_by_time').on('attention').columns(['raised_at']).execute()
}
