import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { Client } from '../../../src/server/client/client.ts'
import { dispatch } from '../../../src/server/commands/dispatch.ts'
import type { HubRooms } from '../../../src/server/rooms.ts'

it('[REC21] a command that waited while the hub began to stop is refused, and nobody is left to wait for it', async () => {
  const looked = Promise.withResolvers<void>()
  const ran: unknown[] = []
  let isClosing = false
  const session = { summary: {}, door: { looked: () => looked.promise } }
  const rooms = {
    registry: { sessionOrNull: () => session },
    receipts: { once: async (command: unknown) => ran.push(command) },
    isClosing: () => isClosing,
  } as unknown as HubRooms
  const client = {
    identity: { clientId: 'a' },
    scopes: new Set(['operate']),
    agent: null,
  } as unknown as Client
  const params = { commandId: 'command-1', sessionId: 'ses_1', force: false }
  const answer = dispatch(rooms, client, { id: 1, method: 'session/end', params })
  const refusal = expect(answer).rejects.toMatchObject({ data: { name: 'shuttingDown' } })
  await setImmediate()
  isClosing = true
  looked.resolve()
  await refusal
  expect(ran).toEqual([])
})
