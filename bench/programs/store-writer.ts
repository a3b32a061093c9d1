/** Writes items through the hub's store, in a process that does nothing else: how fast, and how long its thread is held up. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { openStore } from '../../src/persistence/open-store.ts'
import { instant } from '../parts/instant.ts'
import { sampleChange } from '../parts/sample-change.ts'

export type WriterOrder = { readonly kind: 'write'; readonly items: number }
export type WriterReport = {
  readonly kind: 'written'
  /** Items a second until committed. */
  readonly rate: number
  /** The longest time in which the thread did nothing else. Milliseconds. */
  readonly worstMs: number
}

async function write(items: number): Promise<WriterReport> {
  const folder = await mkdtemp(join(tmpdir(), 'hub-bench-'))
  const store = await openStore({ folder, log: silentLog, clock: systemClock })
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const began = instant()
  for (let at = 0; at < items; at += 100) {
    store.write(...Array.from({ length: 100 }, (_, index) => sampleChange(at + index)))
    // As a hub would: events come in turns of the loop, and a producer far ahead of the disk waits for it.
    await (at % 5_000 === 4_900 ? store.flush() : setImmediate())
  }
  await store.flush()
  const seconds = (instant() - began) / 1_000
  delay.disable()
  await store.close()
  await rm(folder, { recursive: true })
  return { kind: 'written', rate: items / seconds, worstMs: delay.max / 1e6 }
}

process.on('message', (order: WriterOrder) => {
  void write(order.items).then((report) => process.send?.(report))
})
process.on('disconnect', () => process.exit())
