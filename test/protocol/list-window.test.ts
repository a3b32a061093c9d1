import fc from 'fast-check'
import { expect, it } from 'vitest'
import { applyListDeltas, EMPTY_LIST, type ListDelta } from '../../src/protocol/list-delta.ts'
import { LIST_LIMIT } from '../../src/protocol/list-window.ts'
import type { Summary } from '../../src/protocol/summary.ts'
import { manySessions } from '../harness/seed.ts'

const summaries = [...manySessions(LIST_LIMIT + 200)].map(({ summary }) => summary)
const puts = summaries.map((summary): ListDelta => ({ op: 'put', summary }))
const ids = (list: { readonly sessions: ReadonlyMap<string, Summary> }) => [...list.sessions.keys()]

const change = fc.record({
  op: fc.constantFrom('put', 'patch', 'drop'),
  index: fc.nat(summaries.length - 1),
  updatedAt: fc.nat(3).map((age) => (summaries[0] as Summary).updatedAt - age * 1_000),
  door: fc.constantFrom('dormant', 'driven'),
})

function deltaOf({ op, index, updatedAt, door }: Record<string, unknown> & { index: number }): ListDelta {
  const summary = { ...(summaries[index] as Summary), updatedAt, door } as Summary
  if (op === 'put') return { op, summary }
  if (op === 'drop') return { op, sessionId: summary.id }
  return { op: 'patch', sessionId: summary.id, patch: { updatedAt: summary.updatedAt, door: summary.door } }
}

it('[STA4] a list of more sessions than it holds is the same, folded one by one or at once', () => {
  const full = applyListDeltas(EMPTY_LIST, puts)
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const deltas = changes.map(deltaOf)
      const atOnce = applyListDeltas(full, deltas)
      const oneByOne = deltas.reduce((state, delta) => applyListDeltas(state, [delta]), full)
      expect([...atOnce.sessions]).toEqual([...oneByOne.sessions])
    }),
    { numRuns: 40 },
  )
})

it('[STA4] live sessions stay before newer dormant ones, and newer ones before older', () => {
  const sorted = [...summaries].sort((a, b) => b.updatedAt - a.updatedAt || (a.id < b.id ? 1 : -1))
  const oldest = sorted.at(-1) as Summary
  const kept = sorted.slice(0, LIST_LIMIT).map(({ id }) => id)
  expect(ids(applyListDeltas(EMPTY_LIST, puts)).sort()).toEqual([...kept].sort())
  const live = { op: 'put', summary: { ...oldest, door: 'driven' } } as ListDelta
  const withLive = applyListDeltas(EMPTY_LIST, [
    live,
    ...puts.filter((put) => put.op === 'put' && put.summary.id !== oldest.id),
  ])
  expect(ids(withLive).sort()).toEqual([...kept.slice(0, -1), oldest.id].sort())
})
