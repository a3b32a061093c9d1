import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyDeltas, EMPTY_STATE } from '../../src/protocol/apply-delta.ts'
import type { Delta } from '../../src/protocol/delta.ts'
import { appendToItem, headAndTail, TEXT_LIMIT } from '../../src/protocol/growing-text.ts'
import type { Item } from '../../src/protocol/item.ts'
import { WINDOW_ITEMS } from '../../src/protocol/item-window.ts'
import { mergeDelta } from '../../src/protocol/merge-deltas.ts'
import type { SessionState } from '../../src/protocol/session-state.ts'
import { snapshotParts } from '../../src/protocol/snapshot-deltas.ts'
import { FRAME_TARGET_BYTES } from '../../src/protocol/version.ts'
import { queueEntryOf } from '../harness/stored.ts'
import { burst, history, SUMMARY, text } from './arbitrary-history.ts'

const RUNS = { numRuns: 60 }
const EMPTY_ITEM: Item = {
  id: 'item_1',
  turnId: 'turn_1',
  seq: 1,
  type: 'agentMessage',
  status: 'inProgress',
  startedAt: null,
  completedAt: null,
  body: {},
}

/** What a `reset` brings, of a session of which nothing is known yet. */
const { items: _none, ...BASE } = { ...EMPTY_STATE, summary: SUMMARY }

/** What a client makes of deltas: they went through JSON. */
function overTheWire<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}

function fold(deltas: readonly Delta[]): SessionState {
  return applyDeltas(EMPTY_STATE, deltas)
}

function merged(deltas: readonly Delta[]): Delta[] {
  const pending: Delta[] = []
  for (const delta of deltas) mergeDelta(pending, delta)
  return pending
}

/** Equal in content and in order; large texts are compared, not printed. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

describe('the law of streams', () => {
  test('[DLT1] a snapshot and the deltas after it give the same state as the whole history', () => {
    fc.assert(
      fc.property(history, history, fc.nat(), (before, after, cut) => {
        const whole = [...before, ...after.slice(1)]
        const at = cut % whole.length
        const snapshot = snapshotParts(fold(whole.slice(0, at + 1)), FRAME_TARGET_BYTES).flat()
        const rest = whole.slice(at + 1)
        expect(isSame(fold(overTheWire([...snapshot, ...rest])), overTheWire(fold(whole)))).toBe(true)
      }),
      RUNS,
    )
  })

  test('[DLT2] the parts of a snapshot fold to exactly the state they were made of', () => {
    fc.assert(
      fc.property(history, fc.constantFrom(4_096, FRAME_TARGET_BYTES), (deltas, target) => {
        const state = overTheWire(fold(deltas))
        const parts = snapshotParts(state, target)
        expect(isSame(fold(overTheWire(parts.flat())), state)).toBe(true)
        expect(parts[0]?.[0]?.op).toBe('reset')
      }),
      RUNS,
    )
  })

  test('[DLT3] merged deltas give the same state as the deltas one by one', () => {
    fc.assert(
      fc.property(history, burst, (before, deltas) => {
        const start = fold(before)
        const together = applyDeltas(start, merged(deltas))
        expect(isSame(together, applyDeltas(start, deltas))).toBe(true)
      }),
      RUNS,
    )
    fc.assert(
      fc.property(history, (deltas) => isSame(fold(merged(deltas)), fold(deltas))),
      RUNS,
    )
  })
})

test('[DLT3] a text that is cut while it grows pushes nothing out that it would not push out at once', () => {
  const put = (id: string, seq: number, units: number): Delta => ({
    op: 'item',
    item: {
      ...EMPTY_ITEM,
      id,
      seq,
      status: seq === 0 ? 'completed' : 'inProgress',
      body: { text: 'x'.repeat(units) },
    },
  })
  const append = (text: string): Delta => ({ op: 'append', itemId: 'new', field: 'text', text })
  // Both together are just under what a window holds; after the first append a naive sum is just over it.
  const start = fold([put('old', 0, TEXT_LIMIT - 24), put('new', 1, TEXT_LIMIT - 10)])
  const deltas = [append('12345'), append('12345678901234567890')]
  const together = applyDeltas(start, merged(deltas))
  expect(together.items.map((item) => item.id)).toEqual(['old', 'new'])
  expect(isSame(applyDeltas(start, deltas), together)).toBe(true)
})

describe('long texts', () => {
  test('[DLT4] what is held of a text does not depend on the pieces in which it came', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 12, size: 'max' }), (pieces) => {
        const whole = pieces.join('')
        let item = EMPTY_ITEM
        for (const piece of pieces) item = appendToItem(item, { field: 'text', text: piece })
        const expected = appendToItem(EMPTY_ITEM, { field: 'text', text: whole })
        expect(isSame(item, expected)).toBe(true)
        expect(item.body.text === headAndTail(whole)).toBe(true)
      }),
      RUNS,
    )
  })

  test('[DLT5] a text over the limit keeps its head and its newest tail and tells its whole length', () => {
    const piece = 'x'.repeat(TEXT_LIMIT / 2)
    let item = appendToItem(EMPTY_ITEM, { field: 'text', text: `HEAD${piece}` })
    item = appendToItem(item, { field: 'text', text: piece })
    item = appendToItem(item, { field: 'text', text: `${piece}TAIL` })
    const held = item.body.text as string
    expect(held.length).toBeLessThanOrEqual(TEXT_LIMIT)
    expect(held.startsWith('HEAD')).toBe(true)
    expect(held.endsWith('TAIL')).toBe(true)
    expect(item.cut).toEqual({ text: 3 * piece.length + 8 })
  })

  test('[DLT6] a surrogate pair at a cut is replaced, not halved', () => {
    const head = TEXT_LIMIT / 4
    const text = headAndTail(`${'a'.repeat(head - 1)}😀${'b'.repeat(TEXT_LIMIT)}`)
    expect(text.isWellFormed()).toBe(true)
    expect(text.slice(head - 2, head + 1)).toBe('a\ufffdb')
  })
})

describe('parts of a snapshot', () => {
  test('[DLT7] parts stay under the target where what is in them can be split', () => {
    const items = Array.from({ length: 40 }, (_, seq): Delta => {
      const body = { text: '😀"'.repeat(10_000), content: ['\u0000'.repeat(40_000), 'short'] }
      return { op: 'item', item: { ...EMPTY_ITEM, id: `item_${seq}`, seq, status: 'inProgress', body } }
    })
    const state = fold([{ op: 'reset', state: BASE }, ...items])
    const parts = snapshotParts(state, FRAME_TARGET_BYTES)
    const largest = Math.max(...parts.map((part) => Buffer.byteLength(JSON.stringify(part))))
    expect(largest).toBeLessThanOrEqual(FRAME_TARGET_BYTES)
    expect(isSame(fold(parts.flat()), state)).toBe(true)
  })

  test('[DLT2] a field named like something inherited is a field like any other', () => {
    const body = { constructor: 'c'.repeat(5_000), text: 't' }
    const state = fold([
      { op: 'reset', state: BASE },
      { op: 'item', item: { ...EMPTY_ITEM, body, cut: { text: 5_000_000 } } },
      { op: 'append', itemId: 'item_1', field: 'toString', text: 'a' },
    ])
    expect(state.items).toEqual([
      { ...EMPTY_ITEM, body: { ...body, toString: 'a' }, cut: { text: 5_000_000 } },
    ])
    expect(fold(snapshotParts(state, 4_096).flat())).toEqual(state)
  })

  test('[DLT8] a surrogate pair is never split between two parts', () => {
    const body = { text: 'x'.repeat(1_001) + '😀'.repeat(100_000) }
    const state = fold([
      { op: 'reset', state: BASE },
      { op: 'item', item: { ...EMPTY_ITEM, body } },
    ])
    const appends = snapshotParts(state, 4_096)
      .flat()
      .filter((delta) => delta.op === 'append')
    expect(appends.length).toBeGreaterThan(100)
    expect(appends.filter((delta) => !delta.text.isWellFormed())).toEqual([])
  })

  test('[DLT9] a base too large for one part is sent as an empty one and the deltas that fill it', () => {
    const turns = Array.from({ length: 100 }, (_, seq) => ({
      id: `turn_${seq}`,
      seq,
      status: 'failed' as const,
      error: { message: 'm'.repeat(1_000), code: null },
      startedAt: null,
      completedAt: null,
      model: null,
      effort: null,
    }))
    const state = fold([{ op: 'reset', state: { ...BASE, turns } }])
    const parts = snapshotParts(state, FRAME_TARGET_BYTES)
    expect(parts[0]?.[0]).toEqual({ op: 'reset', state: BASE })
    expect(parts.length).toBe(2)
    expect(fold(parts.flat())).toEqual(state)
  })
})

describe('the window of items', () => {
  const put = (seq: number, status: Item['status']): Delta => ({
    op: 'item',
    item: { ...EMPTY_ITEM, id: `item_${seq}`, seq, status },
  })

  test('[DLT10] the oldest ended items leave a full window, growing ones stay', () => {
    const deltas = [put(0, 'inProgress')]
    for (let seq = 1; seq <= WINDOW_ITEMS; seq++) deltas.push(put(seq, 'completed'))
    const ids = fold(deltas).items.map((item) => item.seq)
    expect(ids).toEqual([0, ...Array.from({ length: WINDOW_ITEMS - 1 }, (_, index) => index + 2)])
  })

  test('[DLT10] an item that ends or grows makes room at once, not only the next new one', () => {
    const deltas: Delta[] = []
    for (let seq = 0; seq <= WINDOW_ITEMS; seq++) deltas.push(put(seq, 'inProgress'))
    const full = fold(deltas)
    expect(full.items).toHaveLength(WINDOW_ITEMS + 1)
    const ended = applyDeltas(full, [{ op: 'itemPatch', itemId: 'item_0', status: 'completed', body: {} }])
    expect(ended.items.map((item) => item.seq)).toEqual(
      Array.from({ length: WINDOW_ITEMS }, (_, index) => index + 1),
    )
  })

  test('[DLT11] a late item goes where its seq says', () => {
    const state = fold([put(1, 'completed'), put(5, 'completed'), put(3, 'completed')])
    expect(state.items.map((item) => item.seq)).toEqual([1, 3, 5])
  })

  test('[DLT11] entries of the same place keep the order in which they came, also through a snapshot', () => {
    const twin: Delta = { op: 'item', item: { ...EMPTY_ITEM, id: 'twin', seq: 1 } }
    const state = fold([{ op: 'reset', state: BASE }, put(1, 'completed'), twin])
    expect(state.items.map((item) => item.id)).toEqual(['item_1', 'twin'])
    expect(fold(snapshotParts(state, FRAME_TARGET_BYTES).flat())).toEqual(state)
  })

  test('[DLT13] a removed turn takes its items along', () => {
    const item = (seq: number, turnId: string): Delta => ({
      op: 'item',
      item: { ...EMPTY_ITEM, id: `item_${seq}`, seq, turnId },
    })
    const start = fold([item(0, 'a'), item(1, 'b'), item(2, 'b'), item(3, 'c')])
    const { items } = applyDeltas(start, [{ op: 'remove', turnIds: ['b'], itemIds: ['item_3'] }])
    expect(items.map(({ id }) => id)).toEqual(['item_0'])
  })

  test('[DLT13] what waits is in the order of its seq, and of what was sent the newest are kept', () => {
    const entry = (id: string, seq: number): Delta => ({ op: 'queueEntry', entry: queueEntryOf(id, { seq }) })
    const sent = Array.from({ length: 30 }, (_, at): Delta => {
      return { op: 'queueSent', sent: { id: at === 0 ? 'b' : `x${at}`, turnId: 't', at } }
    })
    const { queue } = fold([entry('b', 1), entry('a', 0), entry('c', 2), entry('a', 3), ...sent])
    expect(queue.entries.map(({ id }) => id)).toEqual(['c', 'a'])
    expect([queue.sent.length, queue.sent.at(-1)?.id]).toEqual([20, 'x29'])
  })

  test('[DLT12] an undefined field of a patch changes nothing, as if JSON had dropped it', () => {
    const state = fold([
      { op: 'reset', state: BASE },
      { op: 'summary', patch: { title: undefined, unread: 2 } },
    ])
    expect(state.summary).toEqual({ ...SUMMARY, unread: 2 })
  })
})
