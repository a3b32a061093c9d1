import { afterEach, expect, it } from 'vitest'
import { SetClock } from '../../../chaos/quick/set-clock.ts'
import { FakeDriver } from '../../harness/fake-connector.ts'
import { makeHub, type TestHub } from '../../harness/hub.ts'

let test: TestHub
afterEach(() => test.close())

it('[LIF4] a session that a command is about keeps its state until the command is over, however long that takes', async () => {
  const driver = new FakeDriver()
  const clock = new SetClock()
  test = await makeHub({ script: () => [], hub: { clock, makeDriver: () => driver } })
  const client = test.client()
  const { session } = await client.command('session/create', { cwd: test.codex.project })
  const sessionId = session.id
  await client.command('session/end', { sessionId })
  const goOn = driver.calls.hold('rename')
  const asked = driver.calls.next('rename')
  const answer = client.command('session/rename', { sessionId, name: 'Renamed' })
  await asked
  // In its sleep a machine loses whatever nobody follows.
  clock.sleep(61_000)
  goOn()
  expect((await answer).session.title).toBe('Renamed')
})
