/** What remembering costs, beside a deltas' stream: how fast it is, whom it holds up, and how long its log grows. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MIGRATIONS } from '../../migrations/list.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import type { Change } from '../../src/persistence/change.ts'
import { openDatabase } from '../../src/persistence/database.ts'
import { encodeChange } from '../../src/persistence/encode.ts'
import { openStore } from '../../src/persistence/open-store.ts'
import { OPERATIONS } from '../../src/persistence/operations.ts'
import { sqlOf } from '../../src/persistence/statements.ts'
import type { Store } from '../../src/persistence/store.ts'
import type { Bench, BenchOptions } from '../bench.ts'
import { hubFlags } from '../parts/hub-flags.ts'
import { instant } from '../parts/instant.ts'
import { Program } from '../parts/program.ts'
import { sampleChange } from '../parts/sample-change.ts'
import type { WriterOrder, WriterReport } from '../programs/store-writer.ts'
import { atLeast, atMost, type Outcome } from '../report/outcome.ts'
import { median } from '../report/statistics.ts'

const HUB = join(import.meta.dirname, '../../src/cli/main.ts')
const ITEMS = 50_000
/** Items are small, as most are; so many a second are more than a hundred busy sessions make. */
const PER_SECOND = 2_000
const SUSTAINED_S = { short: 5, usual: 30, long: 600 }

export const store: Bench = {
  name: 'store',
  title: 'Store',
  about: `${ITEMS.toLocaleString('en-US')} upserts of items through the store (encoded, queued, sent to its thread, committed in batches), by a process that Node runs as it runs the hub, and the longest time in which its thread did nothing else meanwhile. Baseline: the same prepared statement run bare, in one transaction, its JSON made before. Then ${PER_SECOND.toLocaleString('en-US')} upserts a second for ${SUSTAINED_S.usual} s (${SUSTAINED_S.long} with \`--long\`) with a reader beside them: the largest write-ahead log.`,
  run,
}

async function run(options: BenchOptions): Promise<Outcome> {
  const changes = Array.from({ length: options.isShort ? ITEMS / 10 : ITEMS }, (_, seq) => sampleChange(seq))
  const bare: number[] = []
  const through: number[] = []
  const worst: number[] = []
  const writer = new Program<WriterOrder, WriterReport>('store-writer', hubFlags(HUB))
  for (let round = 0; round < options.rounds; round += 1) {
    bare.push(await bareRate(changes))
    const { rate, worstMs } = await writer.ask({ kind: 'write', items: changes.length }, 'written')
    through.push(rate)
    worst.push(worstMs)
    options.say(`${Math.round(rate)} items/s, bare ${Math.round(bare.at(-1) as number)}`)
  }
  await writer.close()
  const walMb = await sustained(options)
  return {
    figures: [
      { what: 'upserts until committed', unit: '/s', hub: through, baseline: bare },
      { what: "longest hold-up of the hub's thread", unit: 'ms', hub: worst },
      { what: 'largest WAL while written to for long', unit: 'MB', hub: [walMb] },
    ],
    aims: [
      atLeast('≥ 0.5 of bare', median(through) / median(bare), 0.5, 'of it'),
      atMost('no flush blocks the main loop: ≤ 20 ms', median(worst), 20, 'ms'),
      atMost('WAL bounded', walMb, 64, 'MB'),
    ],
  }
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'hub-bench-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Rows a second. The JSON is made outside the measurement: this is the database alone. */
function bareRate(changes: readonly Change[]): Promise<number> {
  return inFolder(async (folder) => {
    const { database } = await openDatabase(join(folder, 'hub.sqlite'), MIGRATIONS, null)
    const rows = changes.flatMap(encodeChange).map((entry) => entry.cells.slice(1))
    const statement = database.prepare(sqlOf(OPERATIONS.putItem))
    const began = instant()
    database.transaction(() => {
      for (const row of rows) statement.run(...row)
    })()
    const seconds = (instant() - began) / 1_000
    database.close()
    return changes.length / seconds
  })
}

/** The largest write-ahead log, in MB. */
function sustained({ isShort, isLong, say }: BenchOptions): Promise<number> {
  const seconds = SUSTAINED_S[isLong ? 'long' : isShort ? 'short' : 'usual']
  return inFolder(async (folder) => {
    const store = await openStore({ folder, log: silentLog, clock: systemClock })
    let largest = 0
    let seq = 0
    const end = instant() + seconds * 1_000
    while (instant() < end) {
      const due = instant() + 100
      for (let left = PER_SECOND / 10; left > 0; left -= 1) store.write(sampleChange(seq++))
      await readSome(store)
      largest = Math.max(largest, (await store.stats()).walBytes / 2 ** 20)
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - instant())))
    }
    await store.close()
    say(`${seq} upserts in ${seconds} s, WAL at most ${largest.toFixed(1)} MB`)
    return largest
  })
}

function readSome(store: Store): Promise<unknown> {
  const sessionId = `ses_${'0'.repeat(28)}`
  return store.listItems({ sessionId, limit: 50, order: 'newestFirst' })
}
