import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Change } from '../../src/persistence/change.ts'
import { encodeChange } from '../../src/persistence/encode.ts'
import {
  type Cell,
  OPERATION_NAMES,
  OPERATIONS,
  type OperationName,
} from '../../src/persistence/operations.ts'
import { StoreError } from '../../src/persistence/store-error.ts'
import { WriteQueue } from '../../src/persistence/write-queue.ts'
import { ManualClock } from '../harness/manual-clock.ts'
import { itemOf } from '../harness/stored.ts'

/** A queue whose sender answers when the test says so. */
function makeQueue() {
  const clock = new ManualClock()
  const sent: { readonly cells: readonly Cell[]; answer(fault?: StoreError): Promise<void> }[] = []
  const told: (string | null)[] = []
  const queue = new WriteQueue({
    clock,
    send(cells) {
      const { promise, resolve, reject } = Promise.withResolvers<{ ms: number }>()
      sent.push({
        cells,
        async answer(fault) {
          if (fault) reject(fault)
          else resolve({ ms: sent.length })
          await promise.catch(() => {})
          // The queue goes on in the turns after its sender's answer.
          await Promise.resolve()
          await Promise.resolve()
        },
      })
      return promise
    },
    onFault: (fault) => told.push(fault?.fault ?? null),
  })
  const add = (...changes: readonly Change[]) => queue.add(changes.flatMap(encodeChange))
  return { clock, sent, told, queue, add }
}

const item = (seq: number, text = 'x'): Change => ({
  kind: 'item',
  sessionId: 's1',
  item: itemOf(seq, { body: { text } }),
})
const cellsOf = (...changes: readonly Change[]) =>
  changes.flatMap(encodeChange).flatMap((entry) => entry.cells)
const full = new StoreError('full', 'The disk is full.')

test('[STO18] a change waits 100 ms for company', async () => {
  const { clock, sent, add } = makeQueue()
  add(item(1))
  clock.advance(60)
  add(item(2))
  clock.advance(39)
  expect(sent).toEqual([])
  clock.advance(1)
  expect(sent.map(({ cells }) => cells)).toEqual([cellsOf(item(1), item(2))])
})

test('[STO18] fifty changes wait for nothing, and neither does a flush', async () => {
  const { sent, queue, add } = makeQueue()
  for (let seq = 1; seq < 50; seq += 1) add(item(seq))
  expect(sent).toHaveLength(0)
  add(item(50))
  expect(sent).toHaveLength(1)
  await sent[0]?.answer()
  add(item(51))
  const flushed = queue.flush()
  expect(sent[1]?.cells).toEqual(cellsOf(item(51)))
  await sent[1]?.answer()
  await flushed
})

test('[STO18] a batch is bounded: what comes while one is written is sent in bounded batches', async () => {
  const { sent, add } = makeQueue()
  for (let seq = 0; seq < 2_500; seq += 1) add(item(seq))
  const sizes: number[] = []
  for (let at = 0; at < sent.length; at += 1) {
    sizes.push(Number(sent[at]?.cells.length) / cellsOf(item(1)).length)
    await sent[at]?.answer()
  }
  expect(sizes).toEqual([50, 1_000, 1_000, 450])
  add(item(1, 'y'.repeat(2 * 1024 * 1024)))
  add(item(2))
  expect(sent.at(-1)?.cells).toEqual(cellsOf(item(1, 'y'.repeat(2 * 1024 * 1024))))
})

test('[STO19] a flush waits for everything before it and nothing after', async () => {
  const { sent, queue, add } = makeQueue()
  const log: string[] = []
  add(item(1))
  queue.flush().then(() => log.push('first'))
  add(item(2))
  queue.flush().then(() => log.push('second'))
  await sent[0]?.answer()
  expect(log).toEqual(['first'])
  await sent[1]?.answer()
  expect(log).toEqual(['first', 'second'])
  await queue.flush()
})

test('[STO19] changes merge in their batch, never with one that was sent or across a removed session', async () => {
  const { sent, queue, add } = makeQueue()
  add(item(1, 'a'), item(2), item(1, 'b'))
  void queue.flush()
  add(item(1, 'c'), { kind: 'sessionRemoved', sessionId: 's1' })
  add(item(1, 'd'), item(1, 'e'))
  await sent[0]?.answer()
  await sent[1]?.answer()
  void queue.flush()
  expect(sent.map(({ cells }) => cells)).toEqual([
    cellsOf(item(1, 'b'), item(2)),
    cellsOf(item(1, 'c'), { kind: 'sessionRemoved', sessionId: 's1' }),
    cellsOf(item(1, 'e')),
  ])
})

test('[STO19] what is written in one call is committed in one batch, in order, however much it is', async () => {
  const { sent, queue, add } = makeQueue()
  const large = 'y'.repeat(2 * 1024 * 1024)
  const removed: Change = { kind: 'historyRemoved', sessionId: 's1' }
  add(item(1, large), item(2, large), removed, item(1, 'anew'), item(3))
  void queue.flush()
  await sent[0]?.answer()
  expect(sent.map(({ cells }) => cells)).toEqual([cellsOf(item(2, large), removed, item(1, 'anew'), item(3))])
})

const PUT_ITEM = cellsOf(item(0))[0]

test('[STO19] after any batch the database holds what was true at one moment', async () => {
  const step = fc.record({ seq: fc.nat(4), flush: fc.boolean(), fails: fc.boolean(), removes: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { sent, queue, add } = makeQueue()
      const moments = new Set<string>()
      const write = (into: Map<string, string>, cells: readonly Cell[]) =>
        into.set(String(cells[2]), String(cells[10]))
      const model = new Map<string, string>()
      const database = new Map<string, string>()
      const moment = (from: Map<string, string>) => JSON.stringify([...from].sort())
      moments.add(moment(model))
      let answered = 0
      const answer = async (fails: boolean) => {
        const batch = sent[answered]
        if (!batch) return
        answered += 1
        if (!fails) {
          for (const cells of operationsIn(batch.cells)) {
            if (cells[0] === PUT_ITEM) write(database, cells)
            else database.clear()
          }
          expect(moments).toContain(moment(database))
        }
        await batch.answer(fails ? full : undefined)
      }
      for (const [at, { seq, flush, fails, removes }] of steps.entries()) {
        if (removes) model.clear()
        const change: Change = removes ? { kind: 'sessionRemoved', sessionId: 's1' } : item(seq, String(at))
        add(change)
        if (!removes) write(model, cellsOf(change))
        moments.add(moment(model))
        if (flush) queue.flush().catch(() => {})
        await answer(fails)
      }
      while (queue.stats().queuedChanges > 0) {
        queue.flush().catch(() => {})
        await answer(false)
      }
      expect(moment(database)).toBe(moment(model))
    }),
  )
})

/** A batch's operations: an item, or the deletions of a removed session. */
function operationsIn(cells: readonly Cell[]): (readonly Cell[])[] {
  const found: (readonly Cell[])[] = []
  for (let at = 0; at < cells.length; ) {
    const name = OPERATION_NAMES[Number(cells[at])] as OperationName
    const length = 1 + OPERATIONS[name].columns.length
    found.push(cells.slice(at, at + length))
    at += length
  }
  return found
}

test('[STO20] a failed batch is sent again as it was, and nothing overtakes it', async () => {
  const { clock, sent, told, queue, add } = makeQueue()
  add(item(1), item(2))
  clock.advance(100)
  await sent[0]?.answer(full)
  add(item(1, 'newer'), item(3))
  clock.advance(100)
  await sent[1]?.answer(full)
  expect(queue.stats()).toEqual({
    queuedChanges: 4,
    queuedBytes: [item(1), item(2), item(1, 'newer'), item(3)]
      .flatMap(encodeChange)
      .reduce((sum, entry) => sum + entry.bytes, 0),
    flushes: 0,
    failedFlushes: 2,
    lastFlushMs: 0,
    maxFlushMs: 0,
  })
  clock.advance(200)
  await sent[2]?.answer()
  clock.advance(100)
  expect(sent.map(({ cells }) => cells)).toEqual([
    ...Array(3).fill(cellsOf(item(1), item(2))),
    cellsOf(item(1, 'newer'), item(3)),
  ])
  expect(told).toEqual(['full', null])
})

test('[STO20] the pauses between attempts grow up to five seconds, and a flush does not wait for them', async () => {
  const { clock, sent, queue, add } = makeQueue()
  add(item(1))
  clock.advance(100)
  for (const pause of [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]) {
    const attempts = sent.length
    await sent.at(-1)?.answer(full)
    clock.advance(pause - 1)
    expect(sent).toHaveLength(attempts)
    clock.advance(1)
    expect(sent).toHaveLength(attempts + 1)
  }
  await sent.at(-1)?.answer(full)
  const attempts = sent.length
  const flushed = queue.flush()
  expect(sent).toHaveLength(attempts + 1)
  await sent.at(-1)?.answer(full)
  await expect(flushed).rejects.toBe(full)
})
