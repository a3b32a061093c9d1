import { expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { readStartToken } from '../../src/base/process-identity.ts'
import { Agents, type AgentsPorts } from '../../src/server/agents/agents.ts'
import type { Client } from '../../src/server/client/client.ts'

it('[MCP11] an agent that is locked out while it comes in gets no seat', async () => {
  const ports = {
    store: { write: () => {} },
    clock: systemClock,
    clients: () => [],
    ledger: { processes: [] },
    config: { callsPerMinute: 60, maxDepth: 2, sessionsPerHour: 10 },
  } as unknown as AgentsPorts
  const agents = new Agents(ports, [])
  const seats: unknown[] = []
  const client = {
    agent: null,
    scopes: new Set(['operate']),
    narrow: (seat: unknown) => seats.push(seat),
  } as unknown as Client
  const startToken = (await readStartToken(process.pid)) ?? ''
  const coming = agents.admit(client, {
    name: 'scout',
    grants: [],
    process: { pid: process.pid, startToken },
  })
  agents.roster.revoke('scout')
  await expect(coming).rejects.toMatchObject({ data: { name: 'forbidden', facts: { reason: 'revoked' } } })
  expect(seats).toEqual([])
})
