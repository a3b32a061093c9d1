/** A Codex that runs on while the hub has no connection to it: what clients were promised meanwhile holds afterwards. */
import { afterEach, expect, it } from 'vitest'
import type { HubClient } from '../../src/client/client.ts'
import type { HubOptions } from '../../src/server/hub-options.ts'
import { FakeCodex } from '../harness/fake-codex.ts'
import { FakeDriver } from '../harness/fake-connector.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { isIdle, said, stateWhere, text } from '../harness/watch.ts'

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

/** Drivers of hubs that follow each other on one Codex, as the ledger knows it. */
function drivers(): { made: FakeDriver[]; makeDriver: NonNullable<HubOptions['makeDriver']> } {
  const codex = new FakeCodex()
  const made: FakeDriver[] = []
  const makeDriver = (...[ledger, hubId]: Parameters<NonNullable<HubOptions['makeDriver']>>) => {
    const driver = new FakeDriver(codex, { ledger, hubId })
    made.push(driver)
    return driver
  }
  return { made, makeDriver }
}

it('[REC25] settings that were changed while the connection was lost reach the child also from another hub', async () => {
  const { made, makeDriver } = drivers()
  test = await makeHub({ script: () => [], hub: { makeDriver } })
  const client = test.client()
  const { session } = await client.command('session/create', { cwd: test.codex.project })
  made[0]?.connector.drop()
  await stateWhere(client.session(session.id), ({ summary }) => summary.door === 'dormant')
  await client.command('session/configure', { sessionId: session.id, settings: { model: 'another' } })
  await test.restart()
  const again = test.client('phone').session(session.id)
  const { summary } = await stateWhere(again, (state) => state.summary.door === 'driven')
  expect(summary.settings.model).toBe('another')
  expect(made[1]?.connector.calls.of('configure')).toEqual([[{ model: 'another' }]])
})

it('[REC26] a hub that stops its sessions ends a child it has no connection to, too', async () => {
  const { made, makeDriver } = drivers()
  test = await makeHub({ script: () => [], hub: { makeDriver } })
  const client = test.client()
  const { session } = await client.command('session/create', { cwd: test.codex.project })
  const child = made[0]?.connector.process
  made[0]?.connector.drop()
  await stateWhere(client.session(session.id), ({ summary }) => summary.door === 'dormant')
  expect(child?.isAlive).toBe(true)
  await test.hub.close({ stopSessions: true })
  expect(child?.isAlive).toBe(false)
})

it('[REC22] a text of many megabytes keeps its place when the past is compared again', async () => {
  const codex = new FakeCodex()
  const piece = 'x'.repeat(9 * 1024 * 1024)
  codex.use(() => [{ say: piece, chunks: [piece] }, { say: 'After it.' }])
  test = await makeHub({
    script: () => [],
    hub: { makeDriver: (ledger, hubId) => new FakeDriver(codex, { ledger, hubId }) },
  })
  const client = test.client()
  const { session } = await client.command('session/create', { cwd: test.codex.project, input: text('go') })
  const sessionId = session.id
  const order = async (from: HubClient) => {
    const { items } = await from.request('session/items', { sessionId, order: 'oldestFirst', limit: 9 })
    return items.map(({ id, seq, type }) => [id, seq, type])
  }
  const { summary } = await stateWhere(
    client.session(sessionId),
    (state) => said(state).includes('After it.') && isIdle(state),
  )
  const before = await order(client)
  await test.restart()
  const again = test.client('phone')
  const after = await stateWhere(again.session(sessionId), (state) => state.summary.door === 'driven')
  expect([await order(again), after.summary.counters]).toEqual([before, summary.counters])
})

it('[REC23] an approval is open again, and answered, when the child that asked was only out of reach', async () => {
  const driver = new FakeDriver()
  const args = { cmd: 'ls', sandbox_permissions: 'require_escalated' }
  driver.codex.use(({ afterTool }) => (afterTool ? [{ say: 'Done.' }] : [{ call: 'exec_command', args }]))
  test = await makeHub({ script: () => [], hub: { makeDriver: () => driver } })
  const client = test.client()
  const { session } = await client.command('session/create', { cwd: test.codex.project, input: text('go') })
  const live = client.session(session.id)
  await stateWhere(live, ({ summary }) => summary.phase === 'awaitingApproval')
  driver.connector.drop()
  const { approvals } = await stateWhere(
    live,
    ({ summary }) => summary.phase === 'awaitingApproval' && driver.connectors.length === 2,
  )
  const approvalId = String(approvals.find(({ state }) => state === 'pending')?.id)
  await client.command('approval/decide', { sessionId: session.id, approvalId, answer: { choice: 'accept' } })
  expect(said(await stateWhere(live, (state) => isIdle(state)))).toEqual(['Done.'])
})
