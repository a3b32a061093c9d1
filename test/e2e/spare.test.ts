/** A started Codex that waits for the next session, with the real Codex. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { readStartToken } from '../../src/base/process-identity.ts'
import { isAtLeast } from '../../src/connectors/codex/version.ts'
import type { Script } from '../../src/demo/scripted-model.ts'
import type { ConfigRequest } from '../../src/server/config.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { versionOfTestCodex } from '../harness/test-codex.ts'
import { until } from '../harness/until.ts'
import { isIdle, said, stateWhere, text } from '../harness/watch.ts'

const script: Script = (request) => [{ say: `heard: ${request.userTexts.join(' | ')}` }]

const hasSockets = isAtLeast(await versionOfTestCodex(), '0.142.0') && existsSync('/proc')
/** The other processes of nobody answer questions over their pipes. */
function isSocketChild(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--listen')
  } catch {
    return false
  }
}
const isRunning = async (pid: number) => (await readStartToken(pid)) !== null

let test: TestHub
afterEach(() => test.close())

async function start(config: ConfigRequest = {}) {
  test = await makeHub({ script, config: { spareMs: 600_000, ...config } })
  const client = test.client('laptop')
  const begin = async (prompt: string) => {
    const { session } = await client.command('session/create', {
      cwd: test.codex.project,
      input: text(prompt),
    })
    return { id: session.id, view: client.session(session.id) }
  }
  const processes = async () => (await client.request('hub/status', {})).processes
  const pidOf = async (sessionId: string) =>
    (await processes()).find((each) => each.sessionId === sessionId)?.pid
  const found = async () =>
    (await processes()).find(({ pid, sessionId }) => sessionId === null && isSocketChild(pid))?.pid
  /** Of the one that waits, once it does. */
  const waiting = async () => {
    await until(async () => (await found()) !== undefined)
    return Number(await found())
  }
  return { client, begin, found, pidOf, waiting }
}

it.runIf(hasSockets)(
  '[PRK6] the next session begins on the process that waited, and keeps it over a restart of the hub',
  async () => {
    const { client, begin, pidOf, waiting } = await start()
    const first = await begin('one')
    const pid = await waiting()
    expect(await pidOf(first.id)).not.toBe(pid)
    const second = await begin('two')
    expect(await pidOf(second.id)).toBe(pid)
    expect(said(await stateWhere(second.view, isIdle))).toEqual(['heard: two'])
    const next = await waiting()
    expect(next).not.toBe(pid)
    client.close()
    await test.restart()
    await test.hub.settled
    const again = test.client('phone')
    const { processes } = await again.request('hub/status', {})
    expect(processes.filter((each) => each.sessionId === second.id).map((each) => each.pid)).toEqual([pid])
    await again.command('session/send', { sessionId: second.id, input: text('three') })
    const state = await stateWhere(again.session(second.id), ({ turns }) => turns.length === 2)
    await stateWhere(again.session(second.id), isIdle)
    expect(state.summary.id).toBe(second.id)
    expect(await isRunning(next)).toBe(false)
  },
)

it.runIf(hasSockets)('[PRK7] one that is gone, or older than the configuration, is not used', async () => {
  const { begin, found, pidOf, waiting } = await start()
  await begin('one')
  const pid = await waiting()
  process.kill(pid, 'SIGKILL')
  await until(async () => (await found()) === undefined)
  const second = await begin('two')
  expect(said(await stateWhere(second.view, isIdle))).toEqual(['heard: two'])
  const old = await waiting()
  appendFileSync(join(test.codex.home, 'config.toml'), '\n# changed\n')
  const third = await begin('three')
  expect(await pidOf(third.id)).not.toBe(old)
  expect(said(await stateWhere(third.view, isIdle))).toEqual(['heard: three'])
  await until(async () => !(await isRunning(old)))
})

it.runIf(hasSockets)('[PRK8] one that nobody needs ends after its time, and with the hub', async () => {
  const { begin, found, waiting } = await start({ spareMs: 1_500 })
  const first = await begin('one')
  await stateWhere(first.view, isIdle)
  const pid = await waiting()
  await until(async () => !(await isRunning(pid)))
  expect(await found()).toBeUndefined()
  await begin('two')
  const last = await waiting()
  await test.hub.close()
  expect(await isRunning(last)).toBe(false)
})
