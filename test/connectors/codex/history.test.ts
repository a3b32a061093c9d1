import { describe, expect, it } from 'vitest'
import { readHistory, readHistoryTurn } from '../../../src/connectors/codex/history.ts'
import type { Ask } from '../../../src/connectors/codex/requests.ts'

const uuid = (n: number) => `01a1fc0e-ff56-7af0-ab4e-${n.toString().padStart(12, '0')}`
const turn = (id: string, ...items: string[]) => ({
  id,
  status: 'completed',
  items: items.map((item) => ({ id: item, type: 'agentMessage', text: item })),
})

/** A Codex with these answers, and what it was asked. */
function source(methods: string[], ...answers: unknown[]) {
  const asked: unknown[] = []
  const ask: Ask = async (method, params) => {
    asked.push([method, params])
    return answers.shift()
  }
  return { methods: new Set(methods), ask, asked }
}

describe('history', () => {
  it('[COD57] the newest turns are paged backwards and given oldest first', async () => {
    const codex = source(
      ['thread/turns/list', 'thread/read'],
      { data: [turn(uuid(3), 'c'), turn(uuid(2), 'b')], nextCursor: 'more' },
      { data: [turn(uuid(1), 'a')], nextCursor: null },
    )
    const turns = await readHistory(codex, 't', 5)
    expect(turns.map(({ turn: { id }, items }) => [id, items.map((item) => item.id)])).toEqual([
      [uuid(1), ['a']],
      [uuid(2), ['b']],
      [uuid(3), ['c']],
    ])
    const page = { threadId: 't', itemsView: 'full', sortDirection: 'desc' }
    expect(codex.asked).toEqual([
      ['thread/turns/list', { ...page, limit: 5 }],
      ['thread/turns/list', { ...page, limit: 3, cursor: 'more' }],
    ])
  })

  it('[COD57] a release without pages is asked for the whole, and the newest are kept', async () => {
    const turns = [turn('turn-1', 'item-1'), turn('turn-2', 'item-2'), turn('turn-3', 'item-3')]
    const codex = source(['thread/read'], { thread: { turns } })
    expect((await readHistory(codex, 't', 2)).map((entry) => entry.turn.id)).toEqual(['turn-2', 'turn-3'])
    expect(codex.asked).toEqual([['thread/read', { threadId: 't', includeTurns: true }]])
  })

  it.each([
    ['ids of the live stream', turn(uuid(1), 'msg_1', uuid(2)), true],
    ['items counted anew', turn(uuid(1), 'item-1', 'msg_1'), false],
    ['turns counted anew', turn('turn-1', 'msg_1'), false],
  ])('[COD58] a reading with %s says whether they are stable', (_what, value, expected) => {
    expect(readHistoryTurn(value)?.hasStableIds).toBe(expected)
  })

  it('[COD58] what is no turn, and items that are none, are left out', () => {
    expect(readHistoryTurn({ status: 'completed' })).toBe(null)
    const odd = { id: uuid(1), status: 'inProgress', items: [null, { id: 'a' }, { id: 'b', type: 'new' }] }
    expect(readHistoryTurn(odd)?.items.map(({ id, status }) => [id, status])).toEqual([['b', 'inProgress']])
  })
})
