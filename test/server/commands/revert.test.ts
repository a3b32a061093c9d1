import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { systemClock } from '../../../src/base/clock.ts'
import { silentLog } from '../../../src/base/log.ts'
import { openStore } from '../../../src/persistence/open-store.ts'
import type { Client } from '../../../src/server/client/client.ts'
import { revertHandlers } from '../../../src/server/commands/revert.ts'
import { Registry } from '../../../src/server/registry.ts'
import type { HubRooms } from '../../../src/server/rooms.ts'
import type { ForeignDoors } from '../../../src/server/session/foreign-doors.ts'
import { FakeDriver } from '../../harness/fake-connector.ts'
import { until } from '../../harness/until.ts'

it('[LIF13] a turn of another surface that came while turns were being taken back is not taken back with them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'revert-'))
  const store = await openStore({ folder, log: silentLog, clock: systemClock })
  const driver = new FakeDriver()
  const foreign = { canJoin: () => false, noteRead: () => [] } as unknown as ForeignDoors
  const registry = new Registry({ driver, foreign, store, clock: systemClock, log: silentLog })
  const session = await registry.create(folder, {})
  const { connector } = driver
  const turn = async (text: string, turns: number) => {
    connector.process.startTurn([{ type: 'text', text }], text)
    await until(() => session.phase === 'idle' && session.summary.counters.turns === turns)
  }
  await turn('one', 1)
  const asked: string[] = []
  Object.assign(connector, {
    operations: new Set(['revert']),
    line: { methods: new Set(['thread/revert']), ask: async (method: string) => asked.push(method) },
  })
  const looking = Promise.withResolvers<void>()
  const looked = Promise.withResolvers<void>()
  const slow = {
    ...store,
    listItems: async (query: Parameters<typeof store.listItems>[0]) => {
      looking.resolve()
      await looked.promise
      return store.listItems(query)
    },
  }
  const rooms = { registry, store: slow } as unknown as HubRooms
  const params = { commandId: 'revert-1', sessionId: session.id, count: 1, restoreFiles: false }
  const reverted = revertHandlers['session/revert'](rooms, params, {} as Client)
  const refused = expect(reverted).rejects.toMatchObject({ data: { name: 'stale' } })
  await looking.promise
  await turn('two', 2)
  looked.resolve()
  await refused
  expect([asked, session.summary.counters.turns]).toEqual([[], 2])
  await registry.close(false)
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})
