/** Codex, or the connection to it, goes at the worst moment: while a session is being opened, or with an answer on its lips. */
import { afterEach, expect, it } from 'vitest'
import type { OpenOptions } from '../../src/connectors/driver.ts'
import { type FakeConnector, FakeDriver } from '../harness/fake-connector.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { isIdle, said, stateWhere, text } from '../harness/watch.ts'

let test: TestHub
afterEach(() => test.close())

async function startSession(driver: FakeDriver) {
  test = await makeHub({ script: () => [], hub: { makeDriver: () => driver } })
  const client = test.client()
  const { session } = await client.command('session/create', { cwd: test.codex.project, input: text('one') })
  const live = client.session(session.id)
  await stateWhere(live, (state) => said(state).length === 1 && isIdle(state))
  return { client, live, sessionId: session.id }
}

/** Its next child dies before anybody listens to it. */
class DiesAtOnce extends FakeDriver {
  isDeadly = false

  override async resume(threadId: string, options: OpenOptions): Promise<FakeConnector> {
    const connector = await super.resume(threadId, options)
    if (this.isDeadly) connector.end()
    this.isDeadly = false
    return connector
  }
}

it('[REC27] a child that is gone before anybody listens to it is never taken for an open door', async () => {
  const driver = new DiesAtOnce()
  const { client, live, sessionId } = await startSession(driver)
  driver.connector.end()
  await stateWhere(live, ({ summary }) => summary.phase === 'dormant')
  driver.isDeadly = true
  await expect(client.command('session/resume', { sessionId })).rejects.toMatchObject({
    data: { name: 'indeterminate', facts: { fault: 'closed' } },
  })
  await stateWhere(live, ({ summary }) => summary.phase === 'dormant')
  await client.command('session/send', { sessionId, input: text('two') })
  expect(said(await stateWhere(live, (state) => said(state).length === 2 && isIdle(state)))).toEqual([
    'Echo: one',
    'Echo: two',
  ])
})

/** A turn runs, the connection to its child is lost, and the child is being joined again: its past is being read. */
async function whileJoiningAgain(driver: Joining) {
  const { client, live, sessionId } = await startSession(driver)
  const { promise: goOn, resolve } = Promise.withResolvers<void>()
  driver.codex.use(() => [{ say: 'Working.' }, { until: goOn }, { say: 'Done.' }])
  await client.command('session/send', { sessionId, input: text('two') })
  await stateWhere(live, (state) => said(state).includes('Working.'))
  driver.holdNext = true
  driver.connector.drop()
  await driver.reading.promise
  return { live, goOn: resolve }
}

class Joining extends FakeDriver {
  /** Whoever is connected next reads no past before `release`. */
  holdNext = false
  readonly reading = Promise.withResolvers<void>()
  release: () => void = () => {}

  override async resume(threadId: string, options: OpenOptions): Promise<FakeConnector> {
    const connector = await super.resume(threadId, options)
    if (this.holdNext) {
      this.release = connector.calls.hold('readHistory')
      void connector.calls.next('readHistory').then(() => this.reading.resolve())
    }
    this.holdNext = false
    return connector
  }
}

it('[REC28] a child that is lost once more while its past is read is joined again, and its turn goes on', async () => {
  const driver = new Joining()
  const { live, goOn } = await whileJoiningAgain(driver)
  driver.connector.drop()
  driver.release()
  goOn()
  const state = await stateWhere(live, (each) => said(each).includes('Done.') && isIdle(each))
  expect(state.turns.map(({ status }) => status)).toEqual(['completed', 'completed'])
})

it('[REC28] a child that dies while its past is read costs its turn, and another one takes its place', async () => {
  const driver = new Joining()
  const { live } = await whileJoiningAgain(driver)
  driver.connector.end()
  driver.release()
  const state = await stateWhere(live, ({ summary }) => summary.phase === 'idle')
  expect([state.turns.map(({ status }) => status), state.summary.door]).toEqual([
    ['completed', 'interrupted'],
    'driven',
  ])
})

it('[REC29] a turn that was accepted in the moment the connection was lost is found again', async () => {
  const driver = new FakeDriver()
  const { client, live, sessionId } = await startSession(driver)
  const { connector } = driver
  const accept = connector.startTurn.bind(connector)
  connector.startTurn = async (request) => {
    const accepted = await accept(request)
    connector.drop()
    return accepted
  }
  await client.command('session/send', { sessionId, input: text('two') })
  const state = await stateWhere(live, (each) => said(each).length === 2 && isIdle(each))
  expect([said(state), state.turns.map(({ status }) => status)]).toEqual([
    ['Echo: one', 'Echo: two'],
    ['completed', 'completed'],
  ])
})
