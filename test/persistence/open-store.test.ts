import { copyFile, open, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { MIGRATIONS } from '../../migrations/list.ts'
import { itemOf } from '../harness/stored.ts'
import { makeFolder, openIn } from './folder.ts'
import { readSample, writeSample } from './sample.ts'

const FROZEN = new URL('../fixtures/databases/', import.meta.url).pathname
const item = (seq: number, text: string) => ({
  kind: 'item' as const,
  sessionId: 's1',
  item: itemOf(seq, { body: { text } }),
})

test('[STO28] the database and its log are private, and set up for batches', async () => {
  const folder = join(await makeFolder(), 'new', 'folder')
  const store = await openIn(folder)
  store.write(item(1, 'x'))
  await store.flush()
  const modes = async () =>
    Promise.all(
      (await readdir(folder))
        .sort()
        .map(async (name) => [name, (await stat(join(folder, name))).mode & 0o777]),
    )
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
  expect(await modes()).toEqual([
    ['hub.sqlite', 0o600],
    ['hub.sqlite-shm', 0o600],
    ['hub.sqlite-wal', 0o600],
  ])
  const database = new Database(join(folder, 'hub.sqlite'), { readonly: true })
  expect(database.pragma('journal_mode', { simple: true })).toBe('wal')
  database.close()
  await store.close()
  expect(await modes()).toEqual([['hub.sqlite', 0o600]])
})

test('[STO26] opening a database of a newer hub is refused', async () => {
  const folder = await makeFolder()
  await (await openIn(folder)).close()
  const database = new Database(join(folder, 'hub.sqlite'))
  database.exec("insert into kysely_migration (name, timestamp) values ('9999-later', '')")
  database.close()
  await expect(openIn(folder)).rejects.toMatchObject({ name: 'StoreError', fault: 'newerDatabase' })
})

test('[STO27] a file that is no database is refused with what to do, and left alone', async () => {
  const folder = await makeFolder()
  const file = join(folder, 'hub.sqlite')
  await writeFile(file, 'not a database, but long enough to be asked whether it is one '.repeat(20))
  const before = await readFile(file)
  await expect(openIn(folder)).rejects.toMatchObject({
    name: 'StoreError',
    fault: 'corrupt',
    message:
      `The database ${file} is damaged (file is not a database). Nothing was deleted. ` +
      `Stop the hub, move the file away together with ${file}-wal and ${file}-shm, and start again with an empty one; ` +
      "or put back a copy. Codex's own sessions are not in this file and are not affected.",
  })
  expect(await readFile(file)).toEqual(before)
})

test('[STO27] a database of another program is refused and left alone', async () => {
  const folder = await makeFolder()
  const foreign = new Database(join(folder, 'hub.sqlite'))
  foreign.exec('create table sessions (id text)')
  foreign.close()
  await expect(openIn(folder)).rejects.toMatchObject({
    fault: 'corrupt',
    message: expect.stringContaining('not one of codex-hub'),
  })
  const after = new Database(join(folder, 'hub.sqlite'))
  expect(after.prepare('select name from sqlite_schema').pluck().all()).toEqual(['sessions'])
  after.close()
})

test('[STO27] a database that was cut off is refused', async () => {
  const folder = await makeFolder()
  const store = await openIn(folder)
  store.write(item(1, 'x'.repeat(200_000)))
  await store.close()
  await truncate(join(folder, 'hub.sqlite'), 16 * 4_096)
  await expect(openIn(folder)).rejects.toMatchObject({ name: 'StoreError', fault: 'corrupt' })
})

test('[STO27] damage deep in the file is met by the read that touches it', async () => {
  const folder = await makeFolder()
  const store = await openIn(folder)
  for (let seq = 0; seq < 2_000; seq += 1) store.write(item(seq, 'x'.repeat(500)))
  await store.close()
  const file = await open(join(folder, 'hub.sqlite'), 'r+')
  const { size } = await file.stat()
  // Well behind the first page of every table and index.
  for (let at = Math.floor(size / 8_192) * 4_096; at < size; at += 4_096)
    await file.write(Buffer.alloc(4_096, 0xff), 0, 4_096, at)
  await file.close()
  const damaged = await openIn(folder)
  const read = damaged.listItems({ sessionId: 's1', limit: 500, order: 'newestFirst' })
  await expect(read).rejects.toMatchObject({ name: 'StoreError', fault: 'corrupt' })
})

test('[STO32] there is a frozen database for each migration', async () => {
  const frozen = (await readdir(FROZEN)).filter((name) => name.endsWith('.sqlite')).sort()
  expect(frozen).toEqual(Object.keys(MIGRATIONS).map((name) => `${name.slice(0, 4)}.sqlite`))
})

test.each(Object.keys(MIGRATIONS))(
  '[STO32] a database frozen after %s opens and has everything',
  async (name) => {
    const folder = await makeFolder()
    await copyFile(join(FROZEN, `${name.slice(0, 4)}.sqlite`), join(folder, 'hub.sqlite'))
    const expected = await openIn(await makeFolder())
    writeSample(expected)
    expect(await readSample(await openIn(folder))).toEqual(await readSample(expected))
  },
)
