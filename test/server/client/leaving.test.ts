import { EventEmitter } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { silentLog } from '../../../src/base/log.ts'
import { codecFor } from '../../../src/protocol/codec.ts'
import { Client } from '../../../src/server/client/client.ts'
import { OUTBOX_LIMITS } from '../../../src/server/client/outbox.ts'
import { ManualClock } from '../../harness/manual-clock.ts'

it('[CLT3] a client that leaves while its request is under way follows nothing afterwards', async () => {
  const read = Promise.withResolvers<void>()
  const followed: string[] = []
  const socket = Object.assign(new EventEmitter(), { readyState: 1, OPEN: 1, bufferedAmount: 0 })
  const line = { cork: () => {}, uncork: () => {} }
  new Client('c1', { webSocket: socket as unknown as WebSocket, line }, codecFor(''), ['view'], {
    clock: new ManualClock(),
    log: silentLog,
    limits: OUTBOX_LIMITS,
    dispatch: async (_client, { method }) => {
      await read.promise
      return () => followed.push(method)
    },
    ended: () => {},
  })
  const request = { jsonrpc: '2.0', id: 1, method: 'session/subscribe', params: {} }
  socket.emit('message', Buffer.from(JSON.stringify(request)))
  socket.emit('close')
  read.resolve()
  await setImmediate()
  expect(followed).toEqual([])
})
