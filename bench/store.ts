/**
 * What remembering costs: sustained item upserts through the store (encoded, queued, sent to its thread, committed in
 * batches) against the same prepared statement run bare, in one transaction, on this thread. Run with
 * `node bench/store.ts [items]`; prints the median of five.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import Database from 'better-sqlite3'
import { MIGRATIONS } from '../migrations/list.ts'
import { systemClock } from '../src/base/clock.ts'
import { silentLog } from '../src/base/log.ts'
import { openDatabase } from '../src/persistence/database.ts'
import { encodeChange } from '../src/persistence/encode.ts'
import { openStore } from '../src/persistence/open-store.ts'
import { OPERATIONS } from '../src/persistence/operations.ts'
import { sqlOf } from '../src/persistence/statements.ts'
import type { Change } from '../src/persistence/store.ts'

const ROUNDS = 5
const count = Number(process.argv[2] ?? 50_000)
const changes = Array.from({ length: count }, (_, seq): Change => {
  const body = { text: `The answer is ${seq}. `.repeat(15), phase: 'final', memoryCitation: null }
  const item = { id: `item-${seq}`, turnId: `turn-${seq >> 5}`, seq, type: 'agentMessage', body } as const
  return {
    kind: 'item',
    sessionId: `ses_${String(seq % 8).padStart(28, '0')}`,
    item: { ...item, status: 'completed', startedAt: 1, completedAt: 2 },
  }
})

async function inFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'hub-bench-'))
  try {
    return await run(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Rows a second. The JSON is made outside the measurement: this is the database alone. */
function bare(): Promise<number> {
  return inFolder(async (folder) => {
    const { database } = await openDatabase(join(folder, 'hub.sqlite'), MIGRATIONS, null)
    const rows = changes.flatMap(encodeChange).map((entry) => entry.cells.slice(1))
    const statement = database.prepare(sqlOf(OPERATIONS.putItem))
    const start = performance.now()
    database.transaction(() => {
      for (const row of rows) statement.run(...row)
    })()
    const seconds = (performance.now() - start) / 1_000
    database.close()
    return count / seconds
  })
}

/** Rows a second until committed, and the longest time in which this thread did nothing else. */
function throughStore(): Promise<{ rate: number; worstMs: number }> {
  return inFolder(async (folder) => {
    const store = await openStore({ folder, log: silentLog, clock: systemClock })
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    const start = performance.now()
    for (let at = 0; at < count; at += 100) {
      store.write(...changes.slice(at, at + 100))
      // As a hub would: events come in turns of the loop, and a producer far ahead of the disk waits for it.
      await (at % 5_000 === 4_900 ? store.flush() : new Promise((resolve) => setImmediate(resolve)))
    }
    await store.flush()
    const seconds = (performance.now() - start) / 1_000
    delay.disable()
    await store.close()
    return { rate: count / seconds, worstMs: delay.max / 1e6 }
  })
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

const bares: number[] = []
const stores: { rate: number; worstMs: number }[] = []
for (let round = 0; round < ROUNDS; round += 1) {
  bares.push(await bare())
  stores.push(await throughStore())
}
const [bareRate, storeRate] = [median(bares), median(stores.map(({ rate }) => rate))]
const worst = median(stores.map(({ worstMs }) => worstMs))
const bytes = Buffer.byteLength(JSON.stringify(changes[0]))
console.log(`SQLite ${sqliteVersion()}, ${count} items of ${bytes} bytes, median of ${ROUNDS}`)
console.log(`bare prepared inserts, one transaction  ${Math.round(bareRate)} items/s`)
console.log(`through the store, committed            ${Math.round(storeRate)} items/s`)
console.log(`ratio                                   ${(storeRate / bareRate).toFixed(2)}`)
console.log(`longest wait of the hub's thread        ${worst.toFixed(1)} ms`)

function sqliteVersion(): unknown {
  const database = new Database(':memory:')
  const version = database.prepare('select sqlite_version()').pluck().get()
  database.close()
  return version
}
