/** Opens the one database of a data folder: its pragmas, its permissions, a cheap look at whether it is sound and ours. */
import { chmodSync, closeSync, openSync } from 'node:fs'
import Database from 'better-sqlite3'
import { toStoreError } from './fault.ts'
import { type MigrationRun, type Migrations, migrate } from './migrate.ts'
import { StoreError } from './store-error.ts'

/** Marks the file as the hub's (`PRAGMA application_id`); "chub" in ASCII. */
const APPLICATION_ID = 0x63687562

/** How long one attempt waits for another program's lock. Retrying after that is the queue's business. */
const BUSY_TIMEOUT_MS = 1_000
/** The WAL file is cut back to this after a checkpoint. */
const WAL_KEPT_BYTES = 8 * 1024 * 1024
/** In a flood that outruns the checkpoint timer, SQLite itself checkpoints at this size (pages of 4 KiB). */
const WAL_FLOOD_PAGES = 8_192

export interface OpenedDatabase {
  readonly database: Database.Database
  readonly run: MigrationRun
}

/** @throws StoreError `corrupt`, `newerDatabase`, `busy`, `readOnly`, `full`, `failed`. */
export async function openDatabase(
  file: string,
  migrations: Migrations,
  maxPages: number | null,
): Promise<OpenedDatabase> {
  let database: Database.Database | undefined
  try {
    // Made by us first, so that no moment exists in which others may read it.
    closeSync(openSync(file, 'a', 0o600))
    chmodSync(file, 0o600)
    database = new Database(file, { timeout: BUSY_TIMEOUT_MS })
    database.pragma('journal_mode = wal')
    // A commit survives the death of the hub; losing power may cost the newest ones but never the file.
    database.pragma('synchronous = normal')
    database.pragma(`journal_size_limit = ${WAL_KEPT_BYTES}`)
    database.pragma(`wal_autocheckpoint = ${WAL_FLOOD_PAGES}`)
    if (maxPages !== null) database.pragma(`max_page_count = ${maxPages}`)
    refuseForeign(database)
    const run = await migrate(database, migrations)
    if (applicationId(database) !== APPLICATION_ID) database.pragma(`application_id = ${APPLICATION_ID}`)
    database.pragma('foreign_keys = on')
    touchTables(database)
    return { database, run }
  } catch (error) {
    database?.close()
    throw toStoreError(error, file)
  }
}

/** For a thread that only reads, while another one has the database open to write. @throws StoreError */
export function openReader(file: string): Database.Database {
  try {
    const database = new Database(file, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS })
    return database
  } catch (error) {
    throw toStoreError(error, file)
  }
}

/** Another program's database in our place is left alone. */
function refuseForeign(database: Database.Database): void {
  const tables = database.prepare('select count(*) from sqlite_schema').pluck().get() as number
  const id = applicationId(database)
  const isOurs = id === APPLICATION_ID || tables === 0 || hasMigrations(database)
  if (isOurs) return
  throw new StoreError(
    'corrupt',
    `${database.name} is a database, but not one of codex-hub. Nothing was changed in it. Move it away and start again.`,
    { file: database.name, applicationId: id },
  )
}

const applicationId = (database: Database.Database) => database.pragma('application_id', { simple: true })

const hasMigrations = (database: Database.Database) =>
  database.prepare("select 1 from sqlite_schema where name = 'kysely_migration'").get() !== undefined

/**
 * Reads one row of every table. *This is deliberate:* a full check reads the whole file, minutes for a large one. What
 * this misses is met later as a `corrupt` fault of the read or batch that touches it.
 */
function touchTables(database: Database.Database): void {
  const tables = database.prepare("select name from sqlite_schema where type = 'table'").pluck().all()
  for (const table of tables) database.prepare(`select * from "${table}" limit 1`).get()
}
