import { expect, it } from 'vitest'
import type { SessionEvent } from '../../../src/connectors/event.ts'
import { applyDeltas, EMPTY_STATE } from '../../../src/protocol/apply-delta.ts'
import type { Item } from '../../../src/protocol/item.ts'
import { WINDOW_ITEMS } from '../../../src/protocol/item-window.ts'
import { interpret } from '../../../src/server/session/interpret.ts'
import type { Sequence } from '../../../src/server/session/items.ts'
import { readState } from '../../../src/server/session/stored-window.ts'
import { itemOf, sessionOf, turnOf } from '../../harness/stored.ts'
import { makeFolder, openIn } from '../../persistence/folder.ts'

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

it('[SES20] what goes on in the background of a long session is there when it is read again, with its place', async () => {
  const store = await openIn(await makeFolder())
  const session = sessionOf('s1')
  const put = (item: Item) => store.write({ kind: 'item', sessionId: 's1', item })
  store.write({ kind: 'session', session }, { kind: 'turn', sessionId: 's1', turn: turnOf(1) })
  const open = { type: 'commandExecution', status: 'inProgress' } as const
  put(itemOf(0, { ...open, body: { source: 'unifiedExecStartup' } }))
  // A crash left this one open in a turn that is over.
  put(itemOf(1, { ...open, body: {} }))
  for (let seq = 2; seq < WINDOW_ITEMS + 50; seq++) put(itemOf(seq))
  const { state } = await readState(store, 's1', () => session.summary)
  expect(state.items.map(({ seq }) => seq)).toEqual([
    0,
    ...Array.from({ length: WINDOW_ITEMS - 1 }, (_, index) => index + 51),
  ])
})
