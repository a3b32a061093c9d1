import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { systemClock } from '../../../src/base/clock.ts'
import { silentLog } from '../../../src/base/log.ts'
import { openStore } from '../../../src/persistence/open-store.ts'
import type { Client } from '../../../src/server/client/client.ts'
import { adoptionHandlers } from '../../../src/server/commands/adoption-commands.ts'
import { Registry } from '../../../src/server/registry.ts'
import type { HubRooms } from '../../../src/server/rooms.ts'
import type { ForeignDoors, ObservedSource } from '../../../src/server/session/foreign-doors.ts'
import { FakeDriver } from '../../harness/fake-connector.ts'
import { until } from '../../harness/until.ts'

it('[ADO26] a session that is just being read from its file is taken over when that is over', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'take-over-'))
  const store = await openStore({ folder, log: silentLog, clock: systemClock })
  const driver = new FakeDriver()
  const read = Promise.withResolvers<void>()
  const foreign = {
    canJoin: () => false,
    noteRead: () => [],
    holderOf: async () => null,
    observe: async (threadId: string) => {
      await read.promise
      return {
        door: 'observed',
        operations: new Set(),
        thread: { threadId },
        status: { status: 'idle', flags: [] },
        codexVersion: null,
        line: null,
        follow: () => {},
        detach: async () => {},
      } as unknown as ObservedSource
    },
  } as unknown as ForeignDoors
  const registry = new Registry({ driver, foreign, store, clock: systemClock, log: silentLog })
  const session = await registry.create(folder, {})
  await driver.connector.startTurn({ commandId: 'one', input: [{ type: 'text', text: 'one' }] })
  await until(() => session.phase === 'idle' && session.summary.counters.turns === 1)
  await registry.stop(session.id)
  const reading = registry.open(session.id, 'observe')
  const rooms = { registry, adoption: foreign } as unknown as HubRooms
  const params = { commandId: 'take-1', sessionId: session.id }
  const taken = adoptionHandlers['session/takeOver'](rooms, params, {} as Client)
  await setImmediate()
  read.resolve()
  await Promise.all([reading, taken])
  expect([session.connector?.door, session.phase, driver.calls.of('resume').length]).toEqual([
    'driven',
    'idle',
    1,
  ])
  await registry.close(false)
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})
