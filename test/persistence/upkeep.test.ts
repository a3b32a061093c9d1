import { expect, test } from 'vitest'
import type { Store } from '../../src/persistence/store.ts'
import { RECEIPT_AGE_MS, RECEIPTS_KEPT } from '../../src/persistence/upkeep.ts'
import { ManualClock } from '../harness/manual-clock.ts'
import { itemOf, receiptOf } from '../harness/stored.ts'
import { makeFolder, openIn } from './folder.ts'

/** The thread works in order: when it has answered this, it has done what it was asked before. */
const upkeepDone = (store: Store) => store.loadSession('none')

test('[STO30] after a quiet time the log is emptied, and its size is told until then', async () => {
  const clock = new ManualClock()
  const store = await openIn(await makeFolder(), { clock })
  store.write({ kind: 'item', sessionId: 's1', item: itemOf(1, { body: { text: 'x'.repeat(100_000) } }) })
  await store.flush()
  const before = await store.stats()
  expect(before.walBytes).toBeGreaterThan(100_000)
  clock.advance(10_000)
  await upkeepDone(store)
  const busy = await store.stats()
  // Checkpointed into the database, but the log is kept for whoever writes next.
  expect(busy.walBytes).toBeGreaterThanOrEqual(before.walBytes)
  expect(busy.databaseBytes).toBeGreaterThan(100_000)
  clock.advance(10_000)
  await upkeepDone(store)
  expect((await store.stats()).walBytes).toBe(0)
})

test('[STO30] closing empties the log', async () => {
  const folder = await makeFolder()
  const store = await openIn(folder)
  store.write({ kind: 'item', sessionId: 's1', item: itemOf(1) })
  await store.close()
  expect((await store.stats()).walBytes).toBe(0)
})

test('[STO31] receipts are kept for seven days, open ones until they are settled', async () => {
  const clock = new ManualClock()
  clock.advance(RECEIPT_AGE_MS)
  const store = await openIn(await makeFolder(), { clock })
  const [old, recent] = [
    receiptOf('command-1', { at: 59 * 60_000 }),
    receiptOf('command-2', { at: 61 * 60_000 }),
  ]
  const open = receiptOf('command-3', { at: 0, state: 'pending' })
  for (const receipt of [old, recent, open]) store.write({ kind: 'receipt', receipt })
  expect(await store.loadReceipt('command-1')).toEqual(old)
  clock.advance(60 * 60_000)
  await upkeepDone(store)
  expect(await store.loadReceipt('command-1')).toBeNull()
  expect(await store.loadReceipt('command-2')).toEqual(recent)
  expect(await store.loadReceipt('command-3')).toEqual(open)
})

test('[STO31] only so many receipts are kept, the newest', async () => {
  const clock = new ManualClock()
  const store = await openIn(await makeFolder(), { clock })
  for (let at = 0; at <= RECEIPTS_KEPT + 1; at += 1) {
    store.write({ kind: 'receipt', receipt: receiptOf(`command-${at}`, { at }) })
  }
  await store.flush()
  clock.advance(60 * 60_000)
  await upkeepDone(store)
  expect(await store.loadReceipt('command-1')).toBeNull()
  expect(await store.loadReceipt('command-2')).not.toBeNull()
})
