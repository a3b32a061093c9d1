import { expect, it } from 'vitest'
import type { SessionEvent } from '../../../src/connectors/event.ts'
import { applyDeltas, EMPTY_STATE } from '../../../src/protocol/apply-delta.ts'
import { WINDOW_ITEMS } from '../../../src/protocol/item-window.ts'
import { interpret } from '../../../src/server/session/interpret.ts'
import type { Sequence } from '../../../src/server/session/items.ts'

const summary = { counters: { turns: 1, items: 0, tools: 0, prompts: 0 } }

function session() {
  let next = 0
  const sequence: Sequence = { takeTurn: () => 0, takeItem: () => next++, unended: new Map() }
  let state = { ...EMPTY_STATE, summary: summary as unknown as typeof EMPTY_STATE.summary }
  return {
    hear(event: SessionEvent) {
      const deltas = interpret(state, event, 0, sequence)
      state = applyDeltas(state, deltas)
      return deltas
    },
    item(id: string, isOver: boolean) {
      const body = { text: isOver ? `all of ${id}` : '' }
      const status = isOver ? ('completed' as const) : ('inProgress' as const)
      const times = { startedAt: 1, completedAt: isOver ? 2 : null }
      const item = { id, type: 'agentMessage', status, ...times, body }
      return this.hear({ type: 'item', turnId: 'turn', item })
    },
    get state() {
      return state
    },
  }
}

it('[SES20] an item that ends after it left the window keeps its place, and is counted once', () => {
  const one = session()
  one.item('first', false)
  for (let index = 0; index < WINDOW_ITEMS * 2; index++) one.item(`later-${index}`, false)
  expect(one.state.items.some(({ id }) => id === 'first')).toBe(false)
  // What goes on growing out of sight begins nothing anew.
  const more = { type: 'append', turnId: 'turn', itemId: 'first', field: 'text', text: 'x' } as const
  expect(one.hear(more)).toEqual([{ op: 'append', itemId: 'first', field: 'text', text: 'x' }])
  const [end] = one.item('first', true)
  expect(end).toMatchObject({ op: 'item', item: { id: 'first', seq: 0, status: 'completed' } })
  expect(one.state.summary.counters.items).toBe(WINDOW_ITEMS * 2 + 1)
  expect(one.item('after', false)[0]).toMatchObject({ item: { seq: WINDOW_ITEMS * 2 + 1 } })
})
