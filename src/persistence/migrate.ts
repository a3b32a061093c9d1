/**
 * Brings a database to the newest schema: all pending migrations, or none. Kysely's migrator does the work; on SQLite
 * it opens no transaction of its own (0.29), so the whole run happens inside one `BEGIN IMMEDIATE` of ours.
 */
import { chmodSync, renameSync, rmSync } from 'node:fs'
import type Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { StoreError } from './store-error.ts'

export type Migrations = Readonly<Record<string, Migration>>

export interface MigrationRun {
  /** Names of the migrations applied now. */
  readonly applied: readonly string[]
  /** Where the database was copied to before; null when there was nothing to lose or nothing to do. */
  readonly backup: string | null
}

/** @throws StoreError `newerDatabase`; whatever a migration throws, after everything was rolled back. */
export async function migrate(database: Database.Database, migrations: Migrations): Promise<MigrationRun> {
  const known = Object.keys(migrations)
  const done = appliedMigrations(database)
  const foreign = done.filter((name) => !known.includes(name))
  if (foreign.length > 0) throw newerDatabase(database.name, foreign, known)
  const pending = known.filter((name) => !done.includes(name))
  const [first] = pending
  if (first === undefined) return { applied: [], backup: null }
  const backup = done.length === 0 ? null : copyBefore(database, first)
  database.exec('begin immediate')
  try {
    await runMigrator(database, migrations)
    const broken = database.pragma('foreign_key_check') as unknown[]
    if (broken.length > 0) throw new Error(`${broken.length} rows would refer to rows that are gone`)
    database.exec('commit')
  } catch (error) {
    if (database.inTransaction) database.exec('rollback')
    throw error
  }
  return { applied: pending, backup }
}

/** Names of the migrations a database has seen, oldest first. */
export function appliedMigrations(database: Database.Database): string[] {
  const table = database
    .prepare("select 1 from sqlite_schema where type = 'table' and name = 'kysely_migration'")
    .get()
  if (!table) return []
  return database.prepare('select name from kysely_migration order by name').pluck().all() as string[]
}

async function runMigrator(database: Database.Database, migrations: Migrations): Promise<void> {
  // Never destroyed: that would close the database, which is the caller's.
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database }) })
  const provider = { getMigrations: async () => ({ ...migrations }) }
  const migrator = new Migrator({ db, provider, disableTransactions: true })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}

/** A whole copy beside the database, made before anything changes. A copy left by an earlier attempt is replaced. */
function copyBefore(database: Database.Database, name: string): string {
  const target = `${database.name}.before-${name}`
  const partial = `${target}.partial`
  rmSync(partial, { force: true })
  database.prepare('vacuum into ?').run(partial)
  chmodSync(partial, 0o600)
  renameSync(partial, target)
  return target
}

/** The refusal of a database that has seen migrations this hub does not know. */
export function newerDatabase(
  file: string,
  foreign: readonly string[],
  known: readonly string[],
): StoreError {
  return new StoreError(
    'newerDatabase',
    `The database ${file} was last used by a newer codex-hub (it has ${foreign.join(', ')}; this one ends at ${known.at(-1)}). ` +
      `Update codex-hub, or go back to a copy made before the update: look for ${file}.before-${foreign[0]}.`,
    { file, unknown: foreign, newest: known.at(-1) },
  )
}
