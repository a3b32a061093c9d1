/** Idle sessions are put away and taken out again, with the real Codex. */
import { existsSync } from 'node:fs'
import { afterEach, expect, it } from 'vitest'
import { isAtLeast } from '../../src/connectors/codex/version.ts'
import { peersIn } from '../../src/connectors/process/socket-peers.ts'
import type { Script } from '../../src/demo/scripted-model.ts'
import { connectUnixSocket } from '../../src/jsonrpc/unix-socket.ts'
import { HubError } from '../../src/protocol/errors.ts'
import type { ConfigRequest } from '../../src/server/config.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { versionOfTestCodex } from '../harness/test-codex.ts'
import { until } from '../harness/until.ts'
import { isIdle, said, stateWhere, text } from '../harness/watch.ts'

const hasSockets = isAtLeast(await versionOfTestCodex(), '0.142.0') && existsSync('/proc')
const tap = Promise.withResolvers<void>()
const script: Script = (request) =>
  request.lastUserText === 'hold'
    ? [{ say: 'Holding. ' }, { until: tap.promise }]
    : [{ say: `heard: ${request.userTexts.join(' | ')}` }]

let test: TestHub
afterEach(() => test.close())

async function start(config: ConfigRequest) {
  test = await makeHub({ script, config })
  const client = test.client('laptop')
  const begin = async (prompt: string) => {
    const { session } = await client.command('session/create', {
      cwd: test.codex.project,
      input: text(prompt),
    })
    return { id: session.id, view: client.session(session.id) }
  }
  const processes = async () => {
    const { processes } = await client.request('hub/status', {})
    return processes.flatMap(({ sessionId }) => (sessionId === null ? [] : [sessionId])).sort()
  }
  return { client, begin, processes }
}

it('[PRK1] an idle session is put away, and the next prompt takes it out with its memory', async () => {
  const { client, begin, processes } = await start({ parkAfterMs: 300 })
  const { id, view } = await begin('my number is 42')
  await stateWhere(view, isIdle)
  const parked = await stateWhere(view, ({ summary }) => summary.phase === 'parked')
  expect(parked.summary).toMatchObject({ door: 'dormant', problem: null })
  expect(parked.summary.capabilities).toContain('session/send')
  expect(await processes()).toEqual([])
  await client.command('session/send', { sessionId: id, input: text('which one') })
  const state = await stateWhere(view, (each) => each.turns.length === 2 && isIdle(each))
  expect(said(state)).toEqual(['heard: my number is 42', 'heard: my number is 42 | which one'])
})

it.runIf(hasSockets)('[PRK2] a session that a terminal is joined to is never put away', async () => {
  const { client, begin, processes } = await start({ parkAfterMs: 300 })
  const { id, view } = await begin('hello')
  const { command } = await client.request('session/terminal', { sessionId: id })
  const channel = await connectUnixSocket(String(command.at(-1)).replace('unix://', ''), { timeoutMs: 5_000 })
  await stateWhere(view, isIdle)
  const other = await begin('another')
  await stateWhere(other.view, ({ summary }) => summary.phase === 'parked')
  expect(await processes()).toEqual([id])
  channel.close({ kind: 'closed', message: 'the terminal was closed' })
  await stateWhere(view, ({ summary }) => summary.phase === 'parked')
})

it('[PRK3] past the limit the session that was idle longest makes room; where all are in use the next is refused', async () => {
  const { client, begin, processes } = await start({ parkAfterMs: 0, maxProcesses: 2 })
  const first = await begin('one')
  await stateWhere(first.view, isIdle)
  const second = await begin('hold')
  await stateWhere(second.view, (state) => said(state).includes('Holding. '))
  const third = await begin('hold')
  expect((await stateWhere(first.view, ({ summary }) => summary.door === 'dormant')).summary.phase).toBe(
    'parked',
  )
  await stateWhere(third.view, (state) => said(state).includes('Holding. '))
  const refused = await begin('four').catch((error: unknown) => error)
  expect((refused as HubError).data).toMatchObject({
    name: 'overloaded',
    retry: 'later',
    facts: { maxProcesses: 2 },
  })
  expect(refused).toBeInstanceOf(HubError)
  await until(async () => (await processes()).length === 2)
  expect(await processes()).toEqual([second.id, third.id].sort())
  expect((await client.request('session/list', {})).total).toBe(3)
  tap.resolve()
})

it('[PRK2] connections of a socket are told from the socket itself and from others', () => {
  const table = [
    'Num       RefCount Protocol Flags    Type St Inode Path',
    '0000000000000000: 00000002 00000000 00010000 0001 01 101 /run/a.sock',
    '0000000000000000: 00000003 00000000 00000000 0001 03 102 /run/a.sock',
    '0000000000000000: 00000003 00000000 00000000 0001 03 103 /run/a.sock',
    '0000000000000000: 00000003 00000000 00000000 0001 03 104 /run/b.sock',
    '0000000000000000: 00000003 00000000 00000000 0001 03 105',
  ].join('\n')
  expect([peersIn(table, '/run/a.sock'), peersIn(table, '/run/c.sock')]).toEqual([2, 0])
})
