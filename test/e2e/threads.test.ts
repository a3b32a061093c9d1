/** The thread browser against the real Codex: its own sessions, those of `codex exec`, and files of earlier releases. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { HubClient } from '../../src/client/client.ts'
import { startCli } from '../cli/run-cli.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { locateTestCodex } from '../harness/test-codex.ts'
import { until } from '../harness/until.ts'
import { isIdle, stateWhere, text } from '../harness/watch.ts'

let test: TestHub
let client: HubClient
const other = mkdtempSync(join(tmpdir(), 'threads-'))

beforeAll(async () => {
  const homes = [{ path: other, adopt: false }]
  test = await makeHub({ script: () => [{ say: 'heard' }], config: { homes, observedEndMs: 2_000 } })
  client = test.client('laptop')
  for (const prompt of ['paint the fence', 'count the gulls']) await say(prompt)
  await codexExec('whistle in the dark')
})
afterAll(async () => {
  await test.close()
  rmSync(other, { recursive: true, force: true })
})

async function say(prompt: string, cwd = test.codex.project): Promise<string> {
  const { session } = await client.command('session/create', { cwd, input: text(prompt) })
  const view = client.session(session.id)
  await stateWhere(view, isIdle)
  view.release()
  return session.id
}

/** One that met Codex's databases locked by another process did nothing and is run again. */
async function codexExec(prompt: string): Promise<void> {
  const { path } = await locateTestCodex()
  const env = { PATH: process.env.PATH ?? '', HOME: test.codex.home, CODEX_HOME: test.codex.home }
  for (let tries = 0; tries < 5; tries += 1) {
    const child = spawn(path, ['exec', '--skip-git-repo-check', prompt], {
      cwd: test.codex.project,
      env,
      stdio: 'ignore',
    })
    const [code] = await once(child, 'exit')
    if (code === 0) return
  }
  throw new Error('codex exec failed five times')
}

it('[THR1] what the hub started and what codex exec did are listed, each with its session', async () => {
  let list = await client.request('thread/list', {})
  await until(async () => {
    list = await client.request('thread/list', {})
    return list.threads.length === 3 && list.threads.every(({ sessionId }) => sessionId !== null)
  })
  expect(list.codexHome).toBe(test.codex.home)
  expect(list.threads.map(({ title, source, cwd, archived }) => [title, source, cwd, archived])).toEqual([
    ['whistle in the dark', 'exec', test.codex.project, false],
    ['count the gulls', expect.any(String), test.codex.project, false],
    ['paint the fence', expect.any(String), test.codex.project, false],
  ])
  expect(list.sessions.map(({ id, threadId }) => [id, threadId])).toEqual(
    list.threads.map(({ sessionId, threadId }) => [sessionId, threadId]),
  )
})

it('[THR2] pages, titles, folders and the archive', async () => {
  const titles = async (params: object) =>
    (await client.request('thread/list', params)).threads.map(({ title }) => title)
  const first = await client.request('thread/list', { limit: 2 })
  const second = await client.request('thread/list', { limit: 2, pageToken: String(first.nextPageToken) })
  expect([...first.threads, ...second.threads].map(({ title }) => title)).toEqual([
    'whistle in the dark',
    'count the gulls',
    'paint the fence',
  ])
  expect(second.nextPageToken).toBeNull()
  expect(await titles({ query: 'the gull' })).toEqual(['count the gulls'])
  expect(await titles({ query: ' %_"; ' })).toEqual([])
  expect(await titles({ query: '' })).toHaveLength(3)
  const below = join(test.codex.project, 'below')
  mkdirSync(below)
  const sessionId = await say('dig a well', below)
  expect(await titles({ cwd: below })).toEqual(['dig a well'])
  expect(await titles({ cwd: test.codex.project })).toHaveLength(4)
  await client.command('session/archive', { sessionId })
  expect(await titles({ archived: true })).toEqual(['dig a well'])
  expect(await titles({})).toHaveLength(3)
  for (const pageToken of ['x', 'bnVsbA', ''])
    await expect(client.request('thread/list', { pageToken })).rejects.toMatchObject({
      data: { name: 'invalidPageToken' },
    })
})

it('[THR3] another home is listed by its name, a folder that is no home is refused', async () => {
  expect(await client.request('thread/list', { home: other })).toEqual({
    codexHome: other,
    threads: [],
    sessions: [],
    nextPageToken: null,
  })
  await expect(client.request('thread/list', { home: '/tmp' })).rejects.toMatchObject({
    data: { name: 'notFound', facts: { homes: [test.codex.home, other] } },
  })
})

it('[THR4] the command line lists the threads of every home, with their ids', async () => {
  const env = { CODEX_HUB_URL: test.hub.url, CODEX_HUB_TOKEN: test.hub.token, NO_COLOR: '1' }
  const shown = await startCli(test.folder, ['threads', 'gulls'], env)
  const { threads } = await client.request('thread/list', { query: 'gulls' })
  expect(shown.stdout.split('\n')).toEqual([
    test.codex.home,
    expect.stringMatching(/^THREAD +SESSION +STATE +AGE +TITLE +FOLDER$/),
    expect.stringMatching(
      new RegExp(`^${threads[0]?.threadId} +${threads[0]?.sessionId?.slice(-8)} +idle .*count the gulls`),
    ),
    '',
    other,
    'No threads.',
  ])
  const json = await startCli(test.folder, ['--json', 'threads', '--home', test.codex.home, '-n', '1'], env)
  expect(JSON.parse(json.stdout)).toEqual([await client.request('thread/list', { limit: 1 })])
})
