import { expect, it } from 'vitest'
import type { HistoryTurn } from '../../../src/connectors/event.ts'
import { turnsGone } from '../../../src/server/session/removed-turns.ts'
import { turnOf } from '../../harness/stored.ts'

const history = (...seqs: number[]): HistoryTurn[] =>
  seqs.map((seq) => {
    const { id, status, error, startedAt, completedAt } = turnOf(seq)
    return { turn: { id, status, error, startedAt, completedAt }, items: [], hasStableIds: true }
  })

it('[REV11] what Codex no longer has is gone, but for what lies before the part that was read, and a running turn', () => {
  const known = [1, 2, 3, 4].map((seq) => turnOf(seq))
  expect(turnsGone(known, history(1, 2), true)).toEqual(['turn-3', 'turn-4'])
  expect(turnsGone(known, history(2), false)).toEqual(['turn-3', 'turn-4'])
  expect(turnsGone(known, history(), true)).toEqual(['turn-1', 'turn-2', 'turn-3', 'turn-4'])
  expect(turnsGone(known, history(9), false)).toEqual([])
  // A new turn began before anybody looked.
  const running = [...known, turnOf(5, { status: 'inProgress' })]
  expect(turnsGone(running, history(2, 5), false)).toEqual(['turn-3', 'turn-4'])
  expect(turnsGone(running, history(2), false)).toEqual(['turn-3', 'turn-4'])
})
