/** A Codex that runs on while the hub has no connection to it: what clients were promised meanwhile holds afterwards. */
import { afterEach, expect, it } from 'vitest'
import { FakeDriver } from '../harness/fake-connector.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { stateWhere } from '../harness/watch.ts'

let test: TestHub
afterEach(() => test.close())

it('[REC20] settings that were changed while the connection was lost reach the child when it is joined again', async () => {
  const driver = new FakeDriver()
  test = await makeHub({ script: () => [], hub: { makeDriver: () => driver } })
  const client = test.client()
  const { session } = await client.command('session/create', { cwd: test.codex.project })
  const sessionId = session.id
  const live = client.session(sessionId)
  const child = driver.connector.process
  driver.connector.drop()
  await stateWhere(live, ({ summary }) => summary.door === 'dormant')
  await client.command('session/configure', { sessionId, settings: { model: 'another' } })
  await client.command('session/resume', { sessionId })
  const { summary } = await stateWhere(live, (state) => state.summary.door === 'driven')
  expect([driver.connector.process, summary.settings.model]).toEqual([child, 'another'])
  expect(driver.connector.calls.of('configure')).toEqual([[{ model: 'another' }]])
  // Told once: what somebody else changes after that is not undone.
  child.thread.settings.model = 'of the terminal'
  driver.connector.drop()
  await stateWhere(live, (state) => state.summary.door === 'dormant')
  await client.command('session/resume', { sessionId })
  await stateWhere(live, (state) => state.summary.settings.model === 'of the terminal')
})
