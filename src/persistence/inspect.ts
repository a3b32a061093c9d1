/** Looks at the database of a data folder and changes nothing that is in it: for a doctor, who must not migrate. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { MIGRATIONS } from '../../migrations/list.ts'
import { toStoreError } from './fault.ts'
import { appliedMigrations, newerDatabase } from './migrate.ts'

export interface Inspection {
  /** Name of the newest migration it has seen; null for an empty one. */
  readonly schema: string | null
  /** How many migrations the next start will apply. */
  readonly pending: number
  readonly databaseBytes: number
}

/** @returns null when there is none yet. @throws StoreError `newerDatabase`, `corrupt`, `busy` … */
export function inspectDatabase(folder: string): Inspection | null {
  const file = join(folder, 'hub.sqlite')
  const entry = statSync(file, { throwIfNoEntry: false })
  if (!entry) return null
  let database: Database.Database | undefined
  try {
    // *This is deliberate:* a connection that may write takes its -wal and -shm files away again; a read-only one leaves them.
    database = new Database(file, { fileMustExist: true, timeout: 1_000 })
    database.pragma('query_only = on')
    const known = Object.keys(MIGRATIONS)
    const done = appliedMigrations(database)
    const foreign = done.filter((name) => !known.includes(name))
    if (foreign.length > 0) throw newerDatabase(file, foreign, known)
    const verdict = database.pragma('quick_check(1)', { simple: true })
    if (verdict !== 'ok') throw Object.assign(new Error(String(verdict)), { code: 'SQLITE_CORRUPT' })
    const pending = known.length - done.length
    return { schema: done.at(-1) ?? null, pending, databaseBytes: entry.size }
  } catch (error) {
    throw toStoreError(error, file)
  } finally {
    database?.close()
  }
}
