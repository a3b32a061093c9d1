import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { type Kysely, sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { appliedMigrations, type Migrations, migrate } from '../../src/persistence/migrate.ts'
import { makeFolder } from './folder.ts'

const makes = (table: string) => ({
  up: async (db: Kysely<unknown>) => {
    await sql`create table ${sql.id(table)} (a text) strict`.execute(db)
  },
})
const fails = {
  up: async (db: Kysely<unknown>) => {
    await sql`create table half (a text) strict`.execute(db)
    throw new Error('no further')
  },
}
const FIRST: Migrations = { '0001-one': makes('one') }

async function makeDatabase() {
  const database = new Database(join(await makeFolder(), 'hub.sqlite'))
  onTestFinished(() => void database.close())
  const tables = () =>
    database
      .prepare("select name from sqlite_schema where type = 'table' and name not like 'kysely%'")
      .pluck()
      .all()
  return { database, tables }
}

test('[STO24] pending migrations are applied in order, once', async () => {
  const { database, tables } = await makeDatabase()
  expect(await migrate(database, FIRST)).toEqual({ applied: ['0001-one'], backup: null })
  const both: Migrations = { ...FIRST, '0002-two': makes('two') }
  expect((await migrate(database, both)).applied).toEqual(['0002-two'])
  expect(await migrate(database, both)).toEqual({ applied: [], backup: null })
  expect([tables(), appliedMigrations(database)]).toEqual([
    ['one', 'two'],
    ['0001-one', '0002-two'],
  ])
})

test('[STO24] when one migration fails none of the run is applied', async () => {
  const { database, tables } = await makeDatabase()
  await migrate(database, FIRST)
  const run = migrate(database, { ...FIRST, '0002-two': makes('two'), '0003-three': fails })
  await expect(run).rejects.toThrow('no further')
  expect([tables(), appliedMigrations(database), database.inTransaction]).toEqual([
    ['one'],
    ['0001-one'],
    false,
  ])
  // And on an empty database not even the first.
  const other = await makeDatabase()
  await expect(migrate(other.database, { ...FIRST, '0002-two': fails })).rejects.toThrow('no further')
  expect([other.tables(), appliedMigrations(other.database)]).toEqual([[], []])
})

test('[STO25] a database is copied beside itself before it is migrated', async () => {
  const { database } = await makeDatabase()
  await migrate(database, FIRST)
  database.exec("insert into one values ('kept')")
  const both: Migrations = { ...FIRST, '0002-two': makes('two') }
  await expect(migrate(database, { ...FIRST, '0002-two': fails })).rejects.toThrow('no further')
  const { backup } = await migrate(database, both)
  expect(backup).toBe(`${database.name}.before-0002-two`)
  const copy = new Database(String(backup), { readonly: true })
  onTestFinished(() => void copy.close())
  expect([copy.prepare('select a from one').pluck().all(), appliedMigrations(copy)]).toEqual([
    ['kept'],
    ['0001-one'],
  ])
  expect([statSync(String(backup)).mode & 0o777, existsSync(`${backup}.partial`)]).toEqual([0o600, false])
})

test('[STO26] a database with a migration not known here is refused and left as it is', async () => {
  const { database, tables } = await makeDatabase()
  await migrate(database, { ...FIRST, '0002-two': makes('two') })
  await expect(migrate(database, FIRST)).rejects.toMatchObject({
    name: 'StoreError',
    fault: 'newerDatabase',
    message:
      `The database ${database.name} was last used by a newer codex-hub (it has 0002-two; this one ends at 0001-one). ` +
      `Update codex-hub, or go back to a copy made before the update: look for ${database.name}.before-0002-two.`,
    facts: { file: database.name, unknown: ['0002-two'], newest: '0001-one' },
  })
  expect(tables()).toEqual(['one', 'two'])
})
