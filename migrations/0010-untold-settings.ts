/** Settings that were changed while a running process could not be told, so that they outlive the hub as well. */
import type { Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('sessions')
    .addColumn('untold', 'text', (column) => column.notNull().defaultTo('{}'))
    .execute()
}
