import { expect, it } from 'vitest'
import type { Connector } from '../../../src/connectors/connector.ts'
import type { HistoryTurn } from '../../../src/connectors/event.ts'
import type { Store } from '../../../src/persistence/store.ts'
import type { SessionRecord } from '../../../src/server/session/record.ts'
import { readGone, turnsGone } from '../../../src/server/session/removed-turns.ts'
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

it('[REV11] a turn that came while Codex was asked has not left, and one that the hub took out meanwhile does not leave twice', async () => {
  let seqs = [1, 2, 3]
  const store = {
    listTurns: async () => ({ rows: seqs.map((seq) => turnOf(seq)).reverse(), next: null }),
  } as unknown as Store
  const connector = {
    async readHistory() {
      const told = history(1)
      // Turn 3 is taken out by the hub, turn 4 begins and ends before the store is asked.
      seqs = [1, 2, 4]
      return told
    },
  } as unknown as Connector
  expect(await readGone({ id: 'ses_1' } as SessionRecord, store, connector)).toEqual(['turn-2'])
})
