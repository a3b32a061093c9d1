/** Homes and rollouts with whatever is wrong with them, as a client sees them: each costs itself and nothing else. */
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { connectHub, type HubClient } from '../../src/client/client.ts'
import { controlSocketPath } from '../../src/connectors/daemon/control-socket.ts'
import { readConfig } from '../../src/server/config.ts'
import { startHub } from '../../src/server/hub.ts'
import type { RunningHub } from '../../src/server/hub-options.ts'
import { slugOf } from '../../src/server/session/words.ts'
import { event, meta, response } from '../connectors/rollout/rollouts.ts'
import { FakeDriver } from '../harness/fake-connector.ts'
import { listenOn } from '../harness/socket-server.ts'
import { until } from '../harness/until.ts'
import { said, stateWhere } from '../harness/watch.ts'

let root: string
const closers: (() => unknown)[] = []
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'homes-'))
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
  rmSync(root, { recursive: true, force: true })
})

const idOf = (number: number) => `01a1fbca-0000-7000-8000-${String(number).padStart(12, '0')}`
const say = (words: string) => event('agent_message', { message: words })
const ask = (words: string) => event('user_message', { message: words })

function write(home: string, number: number, content: string | Buffer): string {
  const folder = join(root, home, 'sessions/2026/01/01')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `rollout-2026-01-01T00-00-00-${idOf(number)}.jsonl`)
  writeFileSync(path, content)
  return path
}

async function start(...homes: string[]): Promise<{ hub: RunningHub; client: HubClient }> {
  const [codexHome = '', ...others] = homes.map((name) => join(root, name))
  const folder = join(root, 'hub')
  const config = { port: 0, codexHome, homes: others.map((path) => ({ path })), logLevel: 'silent' } as const
  const hub = await startHub({
    folder,
    config: readConfig(folder, config),
    version: '0.0.0',
    makeDriver: () => new FakeDriver() as never,
  })
  closers.push(() => hub.close())
  const { url, token } = hub
  const client = connectHub({ url, token, client: { id: 'laptop', name: 'laptop' } })
  closers.push(() => client.close())
  return { hub, client }
}

it('[ADO16] homes that are missing, no folder, unreadable or have a broken daemon are told, and the others are served', async () => {
  write('good', 1, meta(idOf(1)) + ask('hello') + say('heard'))
  writeFileSync(join(root, 'file'), 'no folder')
  mkdirSync(join(root, 'loop'))
  symlinkSync('sessions', join(root, 'loop/sessions'))
  mkdirSync(dirname(controlSocketPath(join(root, 'left'))), { recursive: true })
  writeFileSync(controlSocketPath(join(root, 'left')), '')
  const noise = createServer((socket) => socket.end('HTTP/1.1 404 Not Found\r\n\r\n'))
  closers.push(await listenOn(controlSocketPath(join(root, 'noise')), noise))
  const { hub, client } = await start('good', 'missing', 'file', 'loop', 'left', 'noise')
  await hub.adopted
  const homes = async () => (await client.request('home/list', {})).homes
  await until(async () => (await homes()).every(({ daemon }) => daemon?.state !== 'connecting'))
  expect(
    (await homes()).map(({ codexHome, threads, problems, daemon }) => ({
      home: codexHome.slice(root.length + 1),
      threads,
      problems: problems.map((problem) => problem.replaceAll(root, '')),
      daemon: daemon?.state,
    })),
  ).toEqual([
    { home: 'good', threads: 1, problems: [], daemon: 'absent' },
    {
      home: 'missing',
      threads: 0,
      problems: ['/missing does not exist. It is looked for again and again.'],
      daemon: 'absent',
    },
    { home: 'file', threads: 0, problems: ['/file is no folder.'], daemon: 'absent' },
    {
      home: 'loop',
      threads: 0,
      problems: [expect.stringMatching(/^\/loop\/sessions cannot be read: ELOOP/)],
      daemon: 'absent',
    },
    { home: 'left', threads: 0, problems: [], daemon: 'deserted' },
    { home: 'noise', threads: 0, problems: [], daemon: 'garbled' },
  ])
  const { sessions } = await client.request('session/list', {})
  expect(sessions).toMatchObject([{ threadId: idOf(1), title: 'hello' }])
  const [found] = sessions
  const state = await stateWhere(client.session(String(found?.id)), (each) => said(each).length > 0)
  expect(said(state)).toEqual(['heard'])
})

it('[ADO17] a rollout that is empty, garbage, torn, twice begun or has a huge line is shown as far as it goes', async () => {
  const whole = meta(idOf(0)) + ask('whole') + say('said whole')
  write('home', 0, whole)
  const empty = write('home', 1, '')
  write('home', 2, 'no json\n\0\0\0\n[1,2]\n')
  const torn = write('home', 3, meta(idOf(3)) + ask('torn') + say('said') + say('cut off').slice(0, -9))
  write('home', 4, meta(idOf(4)) + meta(idOf(99), { cwd: '/elsewhere' }) + ask('twice') + say('begun'))
  const huge = response('message', { role: 'assistant', content: 'x'.repeat(65 * 1024 * 1024) })
  write('home', 5, meta(idOf(5)) + ask('huge') + say('before') + huge + say('after'))
  const { hub, client } = await start('home')
  await hub.adopted
  await until(async () => (await client.request('home/list', {})).homes[0]?.waiting === 0)
  const { sessions } = await client.request('session/list', {})
  expect(sessions.map(({ title }) => title).sort()).toEqual(['huge', 'torn', 'twice', 'whole'])
  expect(new Set(sessions.map(({ cwd }) => cwd))).toEqual(new Set(['/project']))
  const problemsOf = async () => (await client.request('home/list', {})).homes[0]?.problems
  expect(await problemsOf()).toEqual([
    expect.stringMatching(/^2 rollouts hold nothing that can be read, and no session: .*\.jsonl$/),
  ])
  // Written after all, it is a session like any other.
  writeFileSync(empty, meta(idOf(1)) + ask('begun after all'))
  await until(async () => (await client.request('session/list', {})).total === 5)
  expect(await problemsOf()).toEqual([expect.stringMatching(/^One rollout holds nothing/)])
  const idFor = (number: number) => String(sessions.find(({ threadId }) => threadId === idOf(number))?.id)
  const session = client.session(idFor(3))
  await stateWhere(session, (each) => said(each).length === 1)
  appendFileSync(torn, say('cut off').slice(-9))
  expect(said(await stateWhere(session, (each) => said(each).length === 2))).toEqual(['said', 'cut off'])
  expect(said(await stateWhere(client.session(idFor(4)), (each) => said(each).length > 0))).toEqual(['begun'])
  const state = await stateWhere(client.session(idFor(5)), (each) => said(each).length > 1)
  expect(said(state)).toEqual(['before', 'after'])
  expect(state.warnings.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^A line of 68\d{6} bytes in the rollout was passed over/),
  ])
})

it('[ADO20] a session without a prompt has a name that stays the same, until its first prompt gives it a title', async () => {
  const path = write('home', 1, meta(idOf(1)) + say('nobody asked'))
  const { hub, client } = await start('home')
  await hub.adopted
  await until(async () => (await client.request('session/list', {})).total === 1)
  const found = async () => (await client.request('session/list', {})).sessions[0]
  const unnamed = await found()
  expect(unnamed).toMatchObject({ titleSource: 'slug', title: slugOf(idOf(1)) })
  expect(unnamed?.title).toMatch(/^[a-z]+-[a-z]+-[0-9a-z]{4}$/)
  appendFileSync(path, ask('at last a prompt'))
  await until(async () => (await found())?.titleSource === 'prompt')
  expect(await found()).toMatchObject({ id: unnamed?.id, title: 'at last a prompt' })
})

it('[ADO40] a session of long ago that somebody opens is no news, also where its release marked no ends', async () => {
  const path = write('home', 1, meta(idOf(1)) + ask('long ago') + say('an answer'))
  const past = new Date('2026-01-02T00:00:00Z')
  utimesSync(path, past, past)
  const { hub, client } = await start('home')
  await hub.adopted
  await until(async () => (await client.request('session/list', {})).total === 1)
  const [found] = (await client.request('session/list', {})).sessions
  const state = await stateWhere(
    client.session(String(found?.id)),
    ({ turns, summary }) => turns[0]?.status === 'completed' && summary.phase === 'dormant',
  )
  expect([said(state), state.summary.unread, state.summary.attention]).toEqual([['an answer'], 0, null])
})

it('[ADO21] a first look at thousands of rollouts tells how far it is, newest first, and the list can be used meanwhile', async () => {
  const count = 1_500
  const day = Date.parse('2026-01-01T12:00:00Z') / 1_000
  for (let number = 1; number <= count; number += 1) {
    const path = write('home', number, meta(idOf(number)) + ask(`prompt ${number}`))
    utimesSync(path, day + number, day + number)
  }
  const { hub, client } = await start('home')
  const look = async () => {
    const { homes } = await client.request('home/list', {})
    const { sessions } = await client.request('session/list', {})
    return {
      waiting: homes[0]?.waiting ?? 0,
      threads: homes[0]?.threads,
      titles: sessions.map(({ title }) => title),
    }
  }
  await until(async () => (await look()).titles.length > 0)
  const early = await look()
  expect(early.waiting).toBeGreaterThan(0)
  const numbers = early.titles.map((title) => Number(title.slice('prompt '.length)))
  expect(Math.min(...numbers)).toBeGreaterThan(count / 2)
  await hub.adopted
  await until(async () => (await look()).waiting === 0)
  expect(await client.request('session/list', {})).toMatchObject({ total: count })
})
