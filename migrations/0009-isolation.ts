/** Which process sessions share, whether a session shares one, and who watches over each process. */
import type { Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('sessions').addColumn('isolation', 'text').execute()
  await db.schema.alterTable('processes').addColumn('shared_by', 'text').execute()
  await db.schema.alterTable('processes').addColumn('warden_pid', 'integer').execute()
  await db.schema.alterTable('processes').addColumn('warden_start_token', 'text').execute()
}
