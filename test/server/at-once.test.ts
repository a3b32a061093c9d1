/** Two who do something with one session at the same time, held at the worst moment. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { ConnectorError } from '../../src/connectors/connector.ts'
import type { OpenOptions } from '../../src/connectors/driver.ts'
import { type FakeConnector, FakeDriver } from '../harness/fake-connector.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { isIdle, said, stateWhere, text } from '../harness/watch.ts'

let test: TestHub
afterEach(() => test.close())

async function startSession(cwd?: string) {
  const driver = new FakeDriver()
  test = await makeHub({ script: () => [], hub: { makeDriver: () => driver } })
  const client = test.client()
  const { session } = await client.command('session/create', {
    cwd: cwd ?? test.codex.project,
    input: text('one'),
  })
  const live = client.session(session.id)
  await stateWhere(live, (state) => said(state).length === 1 && isIdle(state))
  return { driver, client, live, sessionId: session.id }
}

it('[LIF6] a session that is deleted while its process ends is gone when that has, and both are answered', async () => {
  const { driver, client, live, sessionId } = await startSession()
  const goOn = driver.connector.calls.hold('stop')
  const ended = client.command('session/end', { sessionId })
  await stateWhere(live, ({ summary }) => summary.phase === 'stopping')
  const order: string[] = []
  const deleted = client.command('session/delete', { sessionId }).then(() => order.push('deleted'))
  // Answered after what was asked before it.
  await client.request('session/list', {})
  order.push('ended')
  goOn()
  await Promise.all([ended, deleted])
  expect([order, driver.connector.process.isAlive]).toEqual([['ended', 'deleted'], false])
})

it('[LIF7] what is archived while it is being opened is closed for it first', async () => {
  const { driver, client, live, sessionId } = await startSession()
  await client.command('session/end', { sessionId })
  const goOn = driver.calls.hold('resume')
  const opening = client.command('session/resume', { sessionId })
  await stateWhere(live, ({ summary }) => summary.phase === 'starting')
  // The fake Codex archives nothing; what was done before it was asked is what counts.
  const archived = client.command('session/archive', { sessionId }).catch((error: Error) => error.message)
  await client.request('session/list', {})
  goOn()
  await opening
  expect(await archived).toBe('The fake Codex has no line.')
  const { calls, process } = driver.connector
  expect([driver.connectors.length, calls.of('stop').length, process.isAlive]).toEqual([2, 1, false])
})

it('[WTR9] nor is one in which a turn is just being started', async () => {
  const { driver, client, sessionId: elsewhere } = await startSession()
  const { project } = test.codex
  const git = (...args: string[]) => execFileSync('git', ['-C', project, ...args], { stdio: 'ignore' })
  git('init', '--initial-branch=main')
  git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--allow-empty', '-m', 'one')
  const { worktree } = await client.command('worktree/create', {
    cwd: project,
    worktree: { path: join(test.folder, 'tree') },
  })
  const { session } = await client.command('session/create', { cwd: worktree.path })
  const goOn = driver.connector.calls.hold('startTurn')
  const starting = driver.connector.calls.next('startTurn')
  const sent = client.command('session/send', { sessionId: session.id, input: text('two') })
  await starting
  await expect(client.command('worktree/remove', { path: worktree.path })).rejects.toMatchObject({
    data: { name: 'notPossible', facts: { reason: 'turnInProgress', sessionId: session.id } },
  })
  expect([existsSync(worktree.path), elsewhere === session.id]).toEqual([true, false])
  goOn()
  await sent
  await setImmediate()
})

it('[LIF9] ending a session ends its process also where the connection to that was lost', async () => {
  const { driver, client, live, sessionId } = await startSession()
  driver.connector.drop()
  await stateWhere(live, ({ summary }) => summary.phase === 'dormant')
  const { process } = driver.connector
  expect(process.isAlive).toBe(true)
  await client.command('session/end', { sessionId })
  expect([process.isAlive, driver.calls.of('reap').length]).toEqual([false, 1])
})

/** Its Codex takes no name. */
class Nameless extends FakeDriver {
  override async create(options: OpenOptions): Promise<FakeConnector> {
    const connector = await super.create(options)
    connector.calls.failNext('rename', new ConnectorError('unsupported', 'No names here.'))
    return connector
  }
}

it('[LIF10] a session that is there is answered as made, also where Codex takes no name for it, and says so', async () => {
  test = await makeHub({ script: () => [], hub: { makeDriver: () => new Nameless() } })
  const client = test.client()
  const { session } = await client.command('session/create', { cwd: test.codex.project, name: 'Kept' })
  expect([session.title, session.problem?.code, session.door]).toEqual(['Kept', 'unsupported', 'driven'])
})
