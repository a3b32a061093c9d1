import { expect, it } from 'vitest'
import { applyDeltas, EMPTY_STATE } from '../../../src/protocol/apply-delta.ts'
import type { McpStartup } from '../../../src/protocol/mcp-server.ts'
import { interpret } from '../../../src/server/session/interpret.ts'
import type { Sequence } from '../../../src/server/session/items.ts'

const sequence: Sequence = { takeTurn: () => 0, takeItem: () => 0, unended: new Map() }

it('[CAT16] what Codex repeats of an MCP server is told once; what changed replaces what was known', () => {
  const told: McpStartup[] = []
  let state = EMPTY_STATE
  const hear = (name: string, server: Omit<McpStartup, 'name'>) => {
    const event = { type: 'mcpServer', server: { name, ...server } } as const
    const deltas = interpret(state, event, 0, sequence)
    for (const delta of deltas) if (delta.op === 'mcpServer') told.push(delta.server)
    state = applyDeltas(state, deltas)
  }
  for (const _time of [1, 2, 3]) hear('one', { state: 'starting', error: null })
  hear('two', { state: 'starting', error: null })
  for (const _time of [1, 2]) hear('one', { state: 'failed', error: 'no such file' })
  hear('two', { state: 'ready', error: null })
  expect(told.map(({ name, state }) => `${name} ${state}`)).toEqual([
    'one starting',
    'two starting',
    'one failed',
    'two ready',
  ])
  expect(state.mcpServers).toEqual([
    { name: 'one', state: 'failed', error: 'no such file' },
    { name: 'two', state: 'ready', error: null },
  ])
})
