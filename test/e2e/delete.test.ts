/** Deleting sessions, here and in Codex, against the real Codex and the scripted model. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { HubClient } from '../../src/client/client.ts'
import { isAtLeast } from '../../src/connectors/codex/version.ts'
import type { Script } from '../../src/demo/scripted-model.ts'
import { startCli } from '../cli/run-cli.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { versionOfTestCodex } from '../harness/test-codex.ts'
import { until } from '../harness/until.ts'
import { isIdle, said, stateWhere, text } from '../harness/watch.ts'

const script: Script = (request) => {
  if (request.lastUserText === 'slow') return [{ say: 'a b c d e f g h i j k l m n', pauseMs: 500 }]
  return [{ say: 'heard' }]
}

const deletesThreads = isAtLeast(await versionOfTestCodex(), '0.142.0')

let test: TestHub
let client: HubClient

beforeAll(async () => {
  // Rollouts of 0.98 tell no end of a turn: it is over when nothing was written for so long.
  test = await makeHub({ script, config: { observedEndMs: 1_000 } })
  await test.hub.adopted
  client = test.client('laptop')
})
afterAll(() => test.close())

async function begin(prompt: string) {
  const { session } = await client.command('session/create', { cwd: test.codex.project, input: text(prompt) })
  const view = client.session(session.id)
  return { sessionId: session.id, threadId: String(session.threadId), view }
}

const ids = async () => {
  const { sessions } = await client.request('session/list', {})
  return sessions.map(({ id }) => id)
}

/** How many rows of each table speak of the session. */
function rowsOf(sessionId: string): Record<string, number> {
  const database = new Database(join(test.folder, 'hub.sqlite'), { readonly: true })
  const tables = ['details', 'turns', 'items', 'approvals', 'receipts', 'processes', 'rollouts']
  const count = (table: string, column: string) =>
    (
      database.prepare(`select count(*) as n from ${table} where ${column} = ?`).get(sessionId) as {
        n: number
      }
    ).n
  const rows = Object.fromEntries(tables.map((table) => [table, count(table, 'session_id')]))
  database.close()
  return rows
}

function rolloutOf(threadId: string): string {
  const folder = join(test.codex.home, 'sessions')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return join(folder, files.find((file) => file.endsWith(`${threadId}.jsonl`)) ?? 'none')
}

it('[DEL1] a deleted session is gone for everybody, and so are its rows and its process', async () => {
  const { sessionId, view } = await begin('hello')
  const { summary } = await stateWhere(view, isIdle)
  expect(summary.capabilities).toContain('session/delete')
  const other = test.client('phone')
  const list = other.sessions()
  list.subscribe(() => {})
  const follower = other.session(sessionId)
  await stateWhere(follower, isIdle)
  await until(() => list.getSnapshot().state?.sessions.has(sessionId) ?? false)
  const { processes } = await client.request('hub/status', {})
  const pid = processes.find((process) => process.sessionId === sessionId)?.pid ?? 0
  const answer = await client.command('session/delete', { sessionId })
  expect(answer).toEqual({ threadId: summary.threadId, deleted: [sessionId] })
  await until(() => follower.getSnapshot().status === 'gone')
  await until(() => !(list.getSnapshot().state?.sessions.has(sessionId) ?? true))
  expect(await ids()).toEqual([])
  expect(existsSync(`/proc/${pid}`)).toBe(false)
  expect(rowsOf(sessionId)).toEqual({
    details: 0,
    turns: 0,
    items: 0,
    approvals: 0,
    // Its own.
    receipts: 1,
    processes: 0,
    rollouts: 0,
  })
  await expect(client.command('session/send', { sessionId, input: text('x') })).rejects.toMatchObject({
    data: { name: 'sessionNotFound' },
  })
})

it('[DEL2] a running turn refuses it, unless it is forced', async () => {
  const { sessionId, view } = await begin('slow')
  const { turns } = await stateWhere(view, (state) => said(state).length === 1)
  await expect(client.command('session/delete', { sessionId })).rejects.toMatchObject({
    data: { name: 'notPossible', facts: { reason: 'turnInProgress', turnId: turns[0]?.id } },
  })
  expect(await ids()).toEqual([sessionId])
  await client.command('session/delete', { sessionId, force: true })
  expect(await ids()).toEqual([])
})

it('[DEL3] a thread that Codex keeps is not adopted again until a person asks for it', async () => {
  const { sessionId, threadId, view } = await begin('keep me')
  await stateWhere(view, isIdle)
  await client.command('session/delete', { sessionId })
  await test.restart()
  await test.hub.adopted
  client = test.client('laptop')
  const { homes } = await client.request('home/list', {})
  expect(homes[0]?.dropped[0]).toEqual({ threadId, droppedAt: expect.any(Number) })
  await until(async () => (await client.request('home/list', {})).homes[0]?.waiting === 0)
  expect(await ids()).toEqual([])
  const { session } = await client.command('session/adopt', { threadId })
  expect(session).toMatchObject({ threadId, title: 'keep me' })
  expect(await ids()).toEqual([session.id])
  const state = await stateWhere(client.session(session.id), ({ turns }) => turns[0]?.status === 'completed')
  expect(said(state)).toEqual(['heard'])
  await expect(client.command('session/adopt', { threadId: 'no-such-thread' })).rejects.toMatchObject({
    data: { name: 'notFound' },
  })
  await client.command('session/delete', { sessionId: session.id })
})

it('[DEL4] deleted in Codex too, its thread and its rollout are gone', async () => {
  const { sessionId, threadId, view } = await begin('forget me')
  await stateWhere(view, isIdle)
  const path = rolloutOf(threadId)
  expect(existsSync(path)).toBe(true)
  const deleted = client.command('session/delete', { sessionId, codex: true })
  if (!deletesThreads) {
    await expect(deleted).rejects.toMatchObject({
      data: { name: 'unsupported', facts: { method: 'thread/delete' } },
    })
    expect([existsSync(path), await ids()]).toEqual([true, [sessionId]])
    await client.command('session/delete', { sessionId })
    return
  }
  expect(await deleted).toEqual({ threadId: null, deleted: [sessionId] })
  expect(existsSync(path)).toBe(false)
  const { homes } = await client.request('home/list', {})
  expect(homes[0]?.dropped.map((each) => each.threadId)).not.toContain(threadId)
  expect(await ids()).toEqual([])
})

it('[DEL5] the command line asks before it deletes', async () => {
  const { sessionId, view } = await begin('cli')
  await stateWhere(view, isIdle)
  const env = { CODEX_HUB_URL: test.hub.url, CODEX_HUB_TOKEN: test.hub.token }
  const asked = await startCli(test.folder, ['delete', sessionId], env)
  expect([asked.exitCode, asked.stderr]).toEqual([2, 'codex-hub: Nobody can be asked here; say --yes.'])
  expect(await ids()).toEqual([sessionId])
  const codex = deletesThreads ? ['--codex'] : []
  const done = await startCli(test.folder, ['delete', sessionId, ...codex, '--yes'], env)
  expect([done.exitCode, done.stdout]).toEqual([0, expect.stringContaining('"cli" is deleted')])
  expect(await ids()).toEqual([])
})
