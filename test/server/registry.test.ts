import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { openStore } from '../../src/persistence/open-store.ts'
import { Registry } from '../../src/server/registry.ts'
import type { ForeignDoors } from '../../src/server/session/foreign-doors.ts'
import { FakeDriver } from '../harness/fake-connector.ts'
import { until } from '../harness/until.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'registry-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** The process of the session ends when the test says so. */
function holdStop({ connector: { calls } }: FakeDriver) {
  return { goOn: calls.hold('stop'), stopping: calls.next('stop') }
}

const NOBODY = { canJoin: () => false, noteRead: () => [] } as unknown as ForeignDoors

it('[REC21] once the hub stops no session is opened, and what still happens to one is not written any more', async () => {
  const store = await openStore({ folder, log: silentLog, clock: systemClock })
  const driver = new FakeDriver()
  const registry = new Registry({ driver, foreign: NOBODY, store, clock: systemClock, log: silentLog })
  const session = await registry.create(folder, {})
  await registry.close(false)
  await store.close()
  const refusal = { data: { name: 'shuttingDown', retry: 'later' } }
  await expect(registry.create(folder, {})).rejects.toMatchObject(refusal)
  await expect(registry.open(session.id, 'resume')).rejects.toMatchObject(refusal)
  await expect(session.ensureLive()).rejects.toMatchObject({ data: { name: 'notPossible' } })
  session.record.patchSummary({ title: 'Too late' })
  expect(session.summary.title).toBe('Too late')
  expect([driver.calls.of('create').length, driver.calls.of('resume')]).toEqual([1, []])
})

it('[ADO23] who looked before the hub came to drive a session, and opens it now, changes nothing', async () => {
  const store = await openStore({ folder, log: silentLog, clock: systemClock })
  const driver = new FakeDriver()
  const registry = new Registry({ driver, foreign: NOBODY, store, clock: systemClock, log: silentLog })
  const { id } = await registry.create(folder, {})
  for (const how of ['observe', 'join', 'resume'] as const) await registry.open(id, how)
  const { door, phase } = registry.get(id).summary
  expect([door, phase, driver.calls.of('resume'), driver.connector.calls.of('detach')]).toEqual([
    'driven',
    'idle',
    [],
    [],
  ])
  await registry.close(false)
  await store.close()
})

it('[ADO26] an order for a closer door that comes while a lesser one is being opened is carried out after that', async () => {
  const store = await openStore({ folder, log: silentLog, clock: systemClock })
  const driver = new FakeDriver()
  const [joining, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<never>()]
  const join = (): Promise<never> => {
    joining.resolve()
    return goOn.promise
  }
  const foreign = { ...NOBODY, join } as unknown as ForeignDoors
  const registry = new Registry({ driver, foreign, store, clock: systemClock, log: silentLog })
  const { id } = await registry.create(folder, {})
  await driver.connector.startTurn({ commandId: 'c1', input: [{ type: 'text', text: 'hello' }] })
  await until(() => registry.get(id).phase === 'idle' && registry.get(id).summary.lastMessage !== null)
  await registry.stop(id, { rest: 'dormant' })
  const joined = registry.open(id, 'join').catch((error: Error) => error.message)
  await joining.promise
  const taken = registry.open(id, 'resume')
  goOn.reject(new Error('it is not there any more'))
  expect([await joined, await taken]).toEqual(['it is not there any more', undefined])
  const { door, phase } = registry.get(id).summary
  expect([door, phase, driver.calls.of('resume').length]).toEqual(['driven', 'idle', 1])
  await registry.close(false)
  await store.close()
})

it('[LIF3] a session that is put away while it is being ended, or the other way round, is both, and both are answered', async () => {
  const store = await openStore({ folder, log: silentLog, clock: systemClock })
  const driver = new FakeDriver()
  const registry = new Registry({ driver, foreign: NOBODY, store, clock: systemClock, log: silentLog })
  const { id } = await registry.create(folder, {})
  const { goOn, stopping } = holdStop(driver)
  const parked = registry.stop(id, { rest: 'parked' })
  await stopping
  const closed = registry.stop(id)
  goOn()
  await Promise.all([parked, closed])
  expect([registry.get(id).phase, driver.connector.calls.of('stop').length]).toEqual(['closed', 1])
  await registry.close(false)
  await store.close()
})

it('[LIF6] whoever waits for the end of a session that is dropped is answered', async () => {
  const store = await openStore({ folder, log: silentLog, clock: systemClock })
  const driver = new FakeDriver()
  const registry = new Registry({ driver, foreign: NOBODY, store, clock: systemClock, log: silentLog })
  const { id } = await registry.create(folder, {})
  const { goOn, stopping } = holdStop(driver)
  const stopped = registry.stop(id)
  await stopping
  registry.drop(id)
  await stopped
  goOn()
  expect(registry.sessionOrNull(id)).toBe(null)
  await registry.close(false)
  await store.close()
})
