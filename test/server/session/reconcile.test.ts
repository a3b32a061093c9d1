import { expect, it } from 'vitest'
import type { HistoryTurn, SourceItem } from '../../../src/connectors/event.ts'
import type { Item } from '../../../src/protocol/item.ts'
import type { Turn } from '../../../src/protocol/turn.ts'
import { type KnownTurn, reconcile } from '../../../src/server/session/reconcile.ts'

const turn: Turn = {
  id: 'turn-1',
  seq: 0,
  status: 'completed',
  error: null,
  startedAt: 1,
  completedAt: 2,
  model: null,
  effort: null,
}
const source = (id: string, type: string, text: string): SourceItem => ({
  id,
  type,
  status: 'completed',
  startedAt: 1,
  completedAt: 2,
  body: { text },
})
const known = (...items: SourceItem[]): KnownTurn[] => [
  { turn, items: items.map((item, seq): Item => ({ ...item, turnId: turn.id, seq })) },
]
/** As a rollout tells it: under its own ids, which it keeps. */
const read = (...items: SourceItem[]): HistoryTurn[] => [{ turn, items, hasStableIds: true, mayDiffer: true }]

it('[REC24] what was followed live under other ids is not added again from its rollout', () => {
  const live = known(source('msg_a', 'agentMessage', 'one'), source('call_b', 'commandExecution', ''))
  const rollout = read(source('turn-1:1', 'agentMessage', 'one'), source('turn-1:2', 'commandExecution', ''))
  expect(reconcile(live, rollout)).toEqual([])
  const more = source('turn-1:3', 'agentMessage', 'two')
  const longer = read(...(rollout[0]?.items ?? []), more)
  expect(reconcile(live, longer)).toEqual([{ type: 'item', turnId: 'turn-1', item: more }])
})

it('[REC24] an item both name alike is never taken for another of its kind', () => {
  const second = source('turn-1:2', 'commandExecution', '')
  const first = source('turn-1:1', 'commandExecution', '')
  expect(reconcile(known(second), read(first, second))).toEqual([
    { type: 'item', turnId: 'turn-1', item: first },
  ])
})
