import { expect, it } from 'vitest'
import { silentLog } from '../../../src/base/log.ts'
import type { ConversationListener } from '../../../src/connectors/codex/conversation.ts'
import type { RunningServer } from '../../../src/connectors/codex/running-server.ts'
import { SharedChildren } from '../../../src/connectors/codex/shared-children.ts'
import { ConnectorError } from '../../../src/connectors/connector.ts'
import type { ProcessRecord } from '../../../src/connectors/driver.ts'
import { ManualClock } from '../../harness/manual-clock.ts'

it('[ISO3] a shared process that is gone before a session came to it makes way for a new one', async () => {
  const gone = {
    server: {
      isClosed: true,
      close: () => {},
      listen: (listener: ConversationListener) => listener.closed({ kind: 'exited', message: 'gone' }),
    },
    handle: { record: { id: 'p', pid: 1 }, letGo: () => {}, stop: async () => {} },
    methods: new Set(),
  } as unknown as RunningServer
  const starts = [async () => gone, () => Promise.reject(new ConnectorError('spawnFailed', 'no more'))]
  const children = new SharedChildren({
    start: () => starts.shift()?.() ?? Promise.reject(new Error('asked too often')),
    join: () => Promise.reject(new Error('nothing to join')),
    reap: async () => {},
    keyOf: async () => 'home',
    clock: new ManualClock(),
    log: silentLog,
    unloaded: () => {},
  })
  await expect(children.open(null, () => Promise.reject(new Error('no thread')), null)).rejects.toThrow(
    new ConnectorError('spawnFailed', 'no more'),
  )
  expect([starts, children.of('p')]).toEqual([[], null])
})

it('[ISO3] a shared process that was joined and cannot be used is let go of whole', async () => {
  const letGoOf: string[] = []
  const mute = {
    server: {
      isClosed: false,
      close: () => letGoOf.push('connection'),
      listen: () => {},
      request: () => Promise.reject(new ConnectorError('timeout', 'no answer')),
    },
    handle: { record: { id: 'p', pid: 1 }, letGo: () => letGoOf.push('warden') },
    methods: new Set(),
  } as unknown as RunningServer
  const children = new SharedChildren({
    start: () => Promise.reject(new Error('nothing is started')),
    join: async () => mute,
    reap: async () => {},
    keyOf: async () => 'home',
    clock: new ManualClock(),
    log: silentLog,
    unloaded: () => {},
  })
  await expect(children.join({ id: 'p', sharedBy: 'home' } as ProcessRecord)).rejects.toThrow('no answer')
  expect([letGoOf, children.of('p')]).toEqual([['connection', 'warden'], null])
})
