/** Doors that do not open all the way: what was obtained on the way must not stay behind. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { systemClock } from '../../../src/base/clock.ts'
import { silentLog } from '../../../src/base/log.ts'
import { ConnectorError } from '../../../src/connectors/connector.ts'
import type { OpenOptions } from '../../../src/connectors/driver.ts'
import { openStore } from '../../../src/persistence/open-store.ts'
import type { Store } from '../../../src/persistence/store.ts'
import { startTurn } from '../../../src/server/commands/prompts.ts'
import { Registry } from '../../../src/server/registry.ts'
import type { ForeignDoors } from '../../../src/server/session/foreign-doors.ts'
import { type FakeConnector, FakeDriver } from '../../harness/fake-connector.ts'
import { until } from '../../harness/until.ts'

let folder: string
let store: Store
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'opening-'))
  store = await openStore({ folder, log: silentLog, clock: systemClock })
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const NOBODY = { canJoin: () => false, noteRead: () => [] } as unknown as ForeignDoors

/** The child it joins again takes a connection and answers nothing. */
class Mute extends FakeDriver {
  override async resume(threadId: string, options: OpenOptions): Promise<FakeConnector> {
    const connector = await super.resume(threadId, options)
    connector.calls.failNext('configure', new ConnectorError('timeout', 'no answer within 60000 ms'))
    return connector
  }
}

it('[LIF5] a child that answers nothing while its session is being opened is ended, and the session rests', async () => {
  const driver = new Mute()
  const registry = new Registry({ driver, foreign: NOBODY, store, clock: systemClock, log: silentLog })
  const session = await registry.create(folder, {})
  driver.connector.drop()
  // Told when it is joined again.
  await session.configure({ effort: 'high' })
  await expect(session.ensureLive()).rejects.toMatchObject({ data: { name: 'indeterminate' } })
  const { phase, door, problem } = session.summary
  const { calls, process } = driver.connector
  expect([phase, door, problem?.code, session.isBusy]).toEqual(['dormant', 'dormant', 'timeout', false])
  expect([driver.connectors.length, calls.of('stop').length, process.isAlive]).toEqual([2, 1, false])
  await registry.close(false)
})

it('[LIF8] a session that was taken up while its past was looked up is not settled for dead', async () => {
  const driver = new FakeDriver()
  const held = Promise.withResolvers<void>()
  let isHeld = false
  const slow: Store = {
    ...store,
    listTurns: async (query) => {
      if (isHeld) await held.promise
      return store.listTurns(query)
    },
  }
  const ports = { foreign: NOBODY, clock: systemClock, log: silentLog }
  const first = new Registry({ ...ports, driver, store })
  const { id } = await first.create(folder, {})
  const goOn = Promise.withResolvers<void>()
  driver.codex.use(() => [{ say: 'Working.' }, { until: goOn.promise }])
  const { turnId } = await driver.connector.startTurn({
    commandId: 'a',
    input: [{ type: 'text', text: 'a' }],
  })
  await until(() => first.get(id).phase === 'working')
  await first.close(false)
  const next = new FakeDriver(driver.codex)
  const registry = new Registry({ ...ports, driver: next, store: slow })
  registry.restore(await store.loadSessions())
  const session = registry.get(id)
  await session.record.hydrate()
  isHeld = true
  const read = next.calls.next('readHistory')
  const reconciled = session.reconcileDormant()
  await read
  await setImmediate()
  isHeld = false
  await session.ensureLive()
  held.resolve()
  await reconciled
  expect(session.record.state.turns.map((turn) => [turn.id, turn.status])).toEqual([[turnId, 'inProgress']])
  goOn.resolve()
  await registry.close(true)
})

it('[LIF11] a prompt whose files took a while to look at is not folded into a turn that began meanwhile', async () => {
  const driver = new FakeDriver()
  const registry = new Registry({ driver, foreign: NOBODY, store, clock: systemClock, log: silentLog })
  const session = await registry.create(folder, {})
  const looked = Promise.withResolvers<void>()
  const asked = Promise.withResolvers<void>()
  registry.hooks.witness = {
    beforeTurn: async () => {
      asked.resolve()
      await looked.promise
      return () => {}
    },
    turnEnded: () => {},
    forget: () => {},
  }
  const goOn = Promise.withResolvers<void>()
  driver.codex.use(() => [{ say: 'Working.' }, { until: goOn.promise }])
  const input = [{ type: 'text' as const, text: 'mine' }]
  const sent = startTurn(session, { commandId: 'mine', input })
  const refused = expect(sent).rejects.toMatchObject({ data: { facts: { reason: 'turnInProgress' } } })
  await asked.promise
  driver.connector.process.startTurn([{ type: 'text', text: 'of a terminal that is joined' }], 'theirs')
  await until(() => session.phase === 'working')
  looked.resolve()
  await refused
  expect(driver.connector.calls.of('startTurn')).toEqual([])
  goOn.resolve()
  await registry.close(true)
})

it('[LIF11] a prompt whose process ended while its files were looked at goes to the one that takes its place', async () => {
  const driver = new FakeDriver()
  const registry = new Registry({ driver, foreign: NOBODY, store, clock: systemClock, log: silentLog })
  const session = await registry.create(folder, {})
  const input = [{ type: 'text' as const, text: 'one' }]
  await startTurn(session, { commandId: 'one', input })
  await until(() => session.phase === 'idle' && session.summary.counters.turns === 1)
  registry.hooks.witness = {
    beforeTurn: async () => {
      driver.connector.end()
      return () => {}
    },
    turnEnded: () => {},
    forget: () => {},
  }
  await startTurn(session, { commandId: 'two', input })
  expect([driver.connectors.length, driver.connector.calls.of('startTurn').length]).toEqual([2, 1])
  await registry.close(true)
})

it('[LIF12] a turn that was accepted as its session ended does not bring that back', async () => {
  const driver = new FakeDriver()
  const registry = new Registry({ driver, foreign: NOBODY, store, clock: systemClock, log: silentLog })
  const session = await registry.create(folder, {})
  await registry.stop(session.id)
  session.turnAccepted('turn-late')
  await session.settled()
  const turns = session.record.state.turns.map(({ id, status }) => [id, status])
  expect([session.phase, turns, driver.calls.of('resume')]).toEqual([
    'closed',
    [['turn-late', 'interrupted']],
    [],
  ])
  await registry.close(false)
})
