import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Change } from '../../src/persistence/change.ts'
import { StoreError, type StoreFault } from '../../src/persistence/store-error.ts'
import { startStoreWorker } from '../../src/persistence/store-worker.ts'
import { approvalOf, itemOf } from '../harness/stored.ts'
import { makeFolder, openIn } from './folder.ts'

const MORTAL = new URL('../fixtures/programs/store-thread-dies.ts', import.meta.url)
const body = { text: 'x'.repeat(20_000) }
const item = (sessionId: string, seq: number): Change => ({
  kind: 'item',
  sessionId,
  item: itemOf(seq, { body }),
})

test('[STO21] on a full disk nothing is lost, reads go on, and writing resumes when there is room', async () => {
  const folder = await makeFolder()
  const store = await openIn(folder, { trial: { maxPages: 240 } })
  const told: (StoreFault | null)[] = []
  store.onFault((fault) => told.push(fault?.fault ?? null))
  for (let seq = 0; seq < 20; seq += 1) store.write(item('ballast', seq))
  await store.flush()
  for (let seq = 0; seq < 30; seq += 1) store.write(item('s1', seq))
  const file = join(folder, 'hub.sqlite')
  await expect(store.flush()).rejects.toMatchObject({
    name: 'StoreError',
    fault: 'full',
    message: `The disk that holds ${file} is full. Free some space: what could not be written is kept in memory and tried again.`,
    facts: { file, code: 'SQLITE_FULL' },
  })
  await expect(store.flush()).rejects.toBeInstanceOf(StoreError)
  const { queuedChanges, queuedBytes, failedFlushes } = await store.stats()
  expect([queuedChanges, queuedBytes > 30 * 20_000, failedFlushes >= 2]).toEqual([30, true, true])
  expect(await store.loadItem('ballast', 'item-3')).not.toBeNull()

  const other = new Database(file)
  other.exec("delete from items where session_id = 'ballast'")
  await store.flush()
  expect(told).toEqual(['full', null])
  const { rows } = await store.listItems({ sessionId: 's1', limit: 99, order: 'oldestFirst' })
  expect(rows.map(({ seq }) => seq)).toEqual(Array.from(Array(30).keys()))
  expect(other.pragma('integrity_check', { simple: true })).toBe('ok')
  other.close()
})

/** A store whose thread dies once. */
function openMortal(folder: string, when: string) {
  vi.stubEnv('STORE_DIES', when)
  vi.stubEnv('STORE_DIED', join(folder, 'died'))
  onTestFinished(() => void vi.unstubAllEnvs())
  return openIn(folder, { trial: { program: MORTAL } })
}

test.each(['before', 'after'])(
  '[STO22] when the thread of the store dies %s the commit, it is started again and nothing is written twice',
  async (when) => {
    const folder = await makeFolder()
    const store = await openMortal(folder, when)
    const { promise: recovered, resolve } = Promise.withResolvers<void>()
    const told: (string | null)[] = []
    store.onFault((fault) => {
      told.push(fault?.message ?? null)
      if (fault === null) resolve()
    })
    store.write(item('s1', 1), { kind: 'approval', sessionId: 's1', approval: approvalOf('a1') })
    const sentence = `The thread that writes ${join(folder, 'hub.sqlite')} ended: exit code 7. It is started again when it is needed.`
    await expect(store.flush()).rejects.toMatchObject({
      name: 'StoreError',
      fault: 'failed',
      message: sentence,
    })
    await recovered
    expect(told).toEqual([sentence, null])
    expect(await store.loadItem('s1', 'item-1')).toEqual(itemOf(1, { body }))
    expect((await store.listApprovals({ sessionId: 's1', limit: 9 })).rows).toEqual([approvalOf('a1')])
    expect((await store.stats()).queuedChanges).toBe(0)
  },
)

test('[STO22] a read that was open when the thread died is rejected, and the next one answers', async () => {
  const folder = await makeFolder()
  const store = await openMortal(folder, 'before')
  store.write(item('s1', 1))
  const flushed = store.flush()
  const read = store.loadItem('s2', 'item-1')
  await expect(flushed).rejects.toBeInstanceOf(StoreError)
  await expect(read).rejects.toMatchObject({ name: 'StoreError', fault: 'failed' })
  expect(await store.loadItem('s2', 'item-1')).toBeNull()
})

test('[STA3] a thread that was started before the store is the one that opens it; a dead one is replaced', async () => {
  const alive = startStoreWorker()
  const store = await openIn(await makeFolder(), { worker: alive })
  expect([await store.loadSessions(), alive.threadId > 0]).toEqual([[], true])
  await store.close()
  expect(alive.threadId).toBe(-1)
  const dead = startStoreWorker()
  await dead.terminate()
  const next = await openIn(await makeFolder(), { worker: dead })
  expect(await next.loadSessions()).toEqual([])
})
