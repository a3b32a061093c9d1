/** Agents that use the hub over MCP, and the account of what they did. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('agents')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('grants', 'text', (column) => column.notNull())
    .addColumn('token_digest', 'text')
    .addColumn('created_at', 'real', (column) => column.notNull())
    .addColumn('revoked_at', 'real')
    .modifyEnd(sql`strict`)
    .execute()
  await db.schema
    .createTable('audit')
    // The order in which the calls began; pages continue by it.
    .addColumn('position', 'integer', (column) => column.primaryKey())
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('at', 'real', (column) => column.notNull())
    .addColumn('agent', 'text', (column) => column.notNull())
    .addColumn('tool', 'text', (column) => column.notNull())
    .addColumn('session_id', 'text')
    .addColumn('caller_session_id', 'text')
    .addColumn('outcome', 'text', (column) => column.notNull())
    .addColumn('error', 'text')
    .addColumn('took_ms', 'real')
    .modifyEnd(sql`strict`)
    .execute()
  await db.schema.createIndex('audit_of_agent').on('audit').columns(['agent', 'position']).execute()
  await db.schema.createIndex('audit_of_session').on('audit').columns(['session_id', 'position']).execute()
}
