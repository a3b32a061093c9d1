/**
 * Queues: what waits to be sent, and why it is held. Entries and the prompts behind them are apart, so that all entries
 * can be read at start without the images in them.
 */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('queues')
    .addColumn('session_id', 'text', (column) => column.primaryKey())
    .addColumn('hold', 'text')
    // The last turn whose end holds nothing up: somebody saw it.
    .addColumn('past_turn_id', 'text')
    .addColumn('sent', 'text', (column) => column.notNull())
    .modifyEnd(sql`strict`)
    .execute()
  await db.schema
    .createTable('queue_entries')
    .addColumn('session_id', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('entry', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('queue_entries_key', ['session_id', 'id'])
    .modifyEnd(sql`strict`)
    .execute()
  await db.schema
    .createTable('queue_prompts')
    .addColumn('session_id', 'text', (column) => column.notNull())
    .addColumn('entry_id', 'text', (column) => column.notNull())
    .addColumn('prompt', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('queue_prompts_key', ['session_id', 'entry_id'])
    .modifyEnd(sql`strict`)
    .execute()
}
