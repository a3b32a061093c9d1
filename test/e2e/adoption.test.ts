/** Sessions that others start, seen through a hub: the real `codex exec` beside the real hub, on one home. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { connectHub, type HubClient } from '../../src/client/client.ts'
import type { Step } from '../../src/demo/answer.ts'
import type { ModelRequest } from '../../src/demo/model-request.ts'
import type { Script } from '../../src/demo/scripted-model.ts'
import { HubError } from '../../src/protocol/errors.ts'
import type { SessionState } from '../../src/protocol/session-state.ts'
import type { Summary } from '../../src/protocol/summary.ts'
import { readConfig } from '../../src/server/config.ts'
import { startHub } from '../../src/server/hub.ts'
import { makeHub, type TestHub, testConfig } from '../harness/hub.ts'
import { locateTestCodex } from '../harness/test-codex.ts'
import { until } from '../harness/until.ts'
import { isIdle, said, stateWhere, text } from '../harness/watch.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

function run({ toolNames }: ModelRequest, command: string): Step {
  return toolNames.includes('exec_command')
    ? { call: 'exec_command', args: { cmd: command, yield_time_ms: 30_000 } }
    : { call: 'shell', args: { command: ['bash', '-lc', command] } }
}

/** Waits for a file `go` in its folder where it is asked to; says else what it was told. */
const script: Script = (request) => {
  if (request.afterTool) return [{ say: `done: ${request.lastUserText}` }]
  if (request.lastUserText.startsWith('wait'))
    return [{ say: 'I wait.' }, run(request, 'while [ ! -e go ]; do sleep 0.05; done')]
  return [{ say: `heard: ${request.userTexts.join(' | ')}` }]
}

async function start(config = {}) {
  const test = await makeHub({ script, config })
  closers.push(() => test.close())
  await test.hub.adopted
  return { test, client: test.client('laptop') }
}

async function codexExec({ codex }: TestHub, ...args: string[]): Promise<ChildProcess> {
  const { path } = await locateTestCodex()
  const env = { PATH: process.env.PATH ?? '', HOME: codex.home, CODEX_HOME: codex.home }
  const options = ['exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox']
  const child = spawn(path, [...options, ...args], { cwd: codex.project, env, stdio: 'ignore' })
  closers.push(() => child.kill('SIGKILL'))
  return child
}

const exited = (child: ChildProcess) =>
  child.exitCode === null ? new Promise((resolve) => child.once('exit', resolve)) : undefined

/** Run `codex exec` to its end. One that met its own databases locked by another Codex did nothing and is run again. */
async function finished(test: TestHub, ...args: string[]): Promise<void> {
  for (let tries = 0; tries < 5; tries += 1) {
    const child = await codexExec(test, ...args)
    await exited(child)
    if (child.exitCode === 0) return
  }
  throw new Error(`codex exec ${args.join(' ')} failed five times`)
}

/** The first session in the list that fits. */
async function listed(client: HubClient, fits: (summary: Summary) => boolean): Promise<Summary> {
  const list = client.sessions()
  closers.push(list.subscribe(() => {}))
  let found: Summary | undefined
  await until(() => {
    found = [...(list.getSnapshot().state?.sessions.values() ?? [])].find(fits)
    return found !== undefined
  })
  return found as Summary
}

it('[ADO1] `codex exec` appears while it runs, live and once, and rests when it is over', async () => {
  const { test, client } = await start({ observedEndMs: 2_000 })
  const child = await codexExec(test, 'wait for it')
  const found = await listed(client, ({ door }) => door === 'observed')
  const session = client.session(found.id)
  await stateWhere(session, ({ items }) => items.some(({ type }) => type === 'commandExecution'))
  const waiting = await stateWhere(session, ({ summary }) => summary.note !== null)
  expect(waiting.summary).toMatchObject({
    phase: 'working',
    door: 'observed',
    title: 'wait for it',
    cwd: test.codex.project,
    note: 'A tool is running, or it waits for approval in its own terminal.',
  })
  writeFileSync(join(test.codex.project, 'go'), '')
  await exited(child)
  const over = await stateWhere(session, ({ summary }) => summary.door === 'dormant')
  expect(over.summary).toMatchObject({ phase: 'dormant', note: null, unread: 1, problem: null })
  expect(over.turns.map(({ status }) => status)).toEqual(['completed'])
  expect(said(over)).toEqual(['I wait.', 'done: wait for it'])
  // Resumed elsewhere, it is the same session, and goes on where it was.
  await finished(test, 'resume', String(over.summary.threadId), 'once more')
  const again = await stateWhere(session, ({ turns }) => turns.length === 2)
  const ended = await stateWhere(session, ({ turns }) => turns.every(({ status }) => status === 'completed'))
  expect(again.summary.id).toBe(found.id)
  expect(said(ended).slice(0, 2)).toEqual(['I wait.', 'done: wait for it'])
  expect(said(ended)).toHaveLength(3)
  const { sessions } = await client.request('session/list', {})
  expect(sessions.map(({ id }) => id)).toEqual([found.id])
})

it('[ADO28] what worked when the hub and Codex ended together is not shown as working by the next hub', async () => {
  const { test, client } = await start({ observedEndMs: 1_000 })
  const child = await codexExec(test, 'wait for it')
  const found = await listed(client, ({ note }) => note !== null)
  await test.hub.close()
  child.kill('SIGKILL')
  await exited(child)
  await test.restart()
  const other = test.client('phone')
  expect((await other.request('session/get', { sessionId: found.id })).session).toMatchObject({ note: null })
  const rest = await listed(other, ({ phase, unread }) => phase === 'dormant' && unread === 1)
  expect(rest).toMatchObject({ id: found.id, door: 'dormant', note: null })
  const { turns } = await other.request('session/turns', { sessionId: found.id })
  expect(turns.map(({ status, error }) => [status, error?.message])).toEqual([
    ['interrupted', 'The process that ran this turn is gone.'],
  ])
})

it('[ADO2] a finished session of others is taken over, remembers, and shows no item twice', async () => {
  const { test, client } = await start()
  await finished(test, 'remember 42')
  const found = await listed(client, ({ threadId }) => threadId !== null)
  const session = client.session(found.id)
  await stateWhere(session, (state) => said(state).length === 1)
  const { session: taken } = await client.command('session/takeOver', { sessionId: found.id })
  expect(taken).toMatchObject({ id: found.id, door: 'driven', phase: 'idle' })
  await client.command('session/send', { sessionId: found.id, input: text('what was it') })
  const state = await stateWhere(session, (each) => each.turns.length === 2 && isIdle(each))
  expect(said(state)).toEqual(['heard: remember 42', 'heard: remember 42 | what was it'])
  const users = state.items.filter(({ type }) => type === 'userMessage')
  expect(users).toHaveLength(2)
})

it('[ADO23] two who take a session over at once get one child, which goes on', async () => {
  const { test, client } = await start()
  await finished(test, 'remember 42')
  const { id: sessionId } = await listed(client, ({ threadId }) => threadId !== null)
  const other = test.client('phone')
  const answers = await Promise.all([
    client.command('session/takeOver', { sessionId }),
    other.command('session/takeOver', { sessionId }),
  ])
  expect(answers.map(({ session }) => [session.id, session.door])).toEqual([
    [sessionId, 'driven'],
    [sessionId, 'driven'],
  ])
  await client.command('session/send', { sessionId, input: text('what was it') })
  const state = await stateWhere(client.session(sessionId), (each) => each.turns.length === 2 && isIdle(each))
  expect([state.summary.door, said(state).at(-1)]).toEqual(['driven', 'heard: remember 42 | what was it'])
  const { processes } = await client.request('hub/status', {})
  expect(processes.filter((each) => each.sessionId !== null)).toHaveLength(1)
})

it('[ADO24] a prompt to a session of long ago that is only being read, since somebody opened it, is taken', async () => {
  const { test, client: first } = await start()
  await finished(test, 'long ago')
  first.close()
  await test.hub.close()
  const past = new Date(Date.now() - 3_600_000)
  const sessions = join(test.codex.home, 'sessions')
  for (const name of readdirSync(sessions, { recursive: true, encoding: 'utf8' }))
    if (name.endsWith('.jsonl')) utimesSync(join(sessions, name), past, past)
  rmSync(join(test.folder, 'hub.sqlite'))
  await test.restart()
  await test.hub.adopted
  const client = test.client('phone')
  const { id: sessionId } = await listed(client, ({ threadId }) => threadId !== null)
  const session = client.session(sessionId)
  closers.push(session.subscribe(() => {}))
  await until(() => session.getSnapshot().state !== null)
  await client.command('session/send', { sessionId, input: text('and now') })
  const state = await stateWhere(session, (each) => each.turns.length === 2 && isIdle(each))
  expect([state.summary.door, said(state)]).toEqual([
    'driven',
    ['heard: long ago', 'heard: long ago | and now'],
  ])
})

it('[ADO8] a long session nobody has looked at is taken over with its whole past', async () => {
  const { test, client } = await start()
  await finished(test, 'prompt 0')
  const found = await listed(client, ({ threadId }) => threadId !== null)
  await test.hub.close()
  for (let turn = 1; turn < 25; turn += 1)
    await finished(test, 'resume', String(found.threadId), `prompt ${turn}`)
  // A hub that knows nothing of it: its database is gone.
  rmSync(join(test.folder, 'hub.sqlite'))
  await test.restart()
  await test.hub.adopted
  const other = test.client('phone')
  const { id } = await listed(other, ({ threadId }) => threadId === found.threadId)
  await other.command('session/takeOver', { sessionId: id })
  const { turns } = await other.request('session/turns', { sessionId: id, limit: 100 })
  const { items } = await other.request('session/items', { sessionId: id, limit: 500, order: 'oldestFirst' })
  const prompts = items
    .filter(({ type }) => type === 'userMessage')
    .map(({ body }) => (body.content as { text: string }[])[0]?.text)
  expect(turns).toHaveLength(25)
  expect(prompts).toEqual(Array.from({ length: 25 }, (_, turn) => `prompt ${turn}`))
}, 60_000)

it('[ADO3] what somebody else has open is not taken over: the refusal names the holder', async () => {
  const { test, client } = await start()
  const child = await codexExec(test, 'wait here')
  const found = await listed(client, ({ door }) => door === 'observed')
  const refused = await client.command('session/takeOver', { sessionId: found.id }).catch((error) => error)
  expect(refused).toBeInstanceOf(HubError)
  expect((refused as HubError).data).toMatchObject({
    name: 'heldElsewhere',
    facts: { holder: { pid: child.pid, command: expect.stringContaining('exec') } },
  })
  const sent = await client
    .command('session/send', { sessionId: found.id, input: text('no') })
    .catch((error) => error)
  expect((sent as HubError).data).toMatchObject({ name: 'notPossible', facts: { reason: 'observed' } })
  const queued = await client
    .command('queue/add', { sessionId: found.id, input: text('no') })
    .catch((error) => error)
  expect((queued as HubError).data).toMatchObject({
    name: 'notPossible',
    facts: { reason: 'observed', ways: ['session/takeOver', 'session/fork'] },
  })
  writeFileSync(join(test.codex.project, 'go'), '')
  await exited(child)
})

it('[OPS8] what somebody else has open is not archived: the refusal names the holder', async () => {
  const { test, client } = await start()
  const child = await codexExec(test, 'wait here')
  const found = await listed(client, ({ door }) => door === 'observed')
  await stateWhere(client.session(found.id), ({ turns }) => turns.length > 0)
  const refused = await client.command('session/archive', { sessionId: found.id }).catch((error) => error)
  expect((refused as HubError).data).toMatchObject({
    name: 'heldElsewhere',
    facts: { holder: { pid: child.pid, command: expect.stringContaining('exec') } },
  })
  const { session } = await client.request('session/get', { sessionId: found.id })
  expect(session).toMatchObject({ archived: false, door: 'observed' })
  writeFileSync(join(test.codex.project, 'go'), '')
  await exited(child)
})

it('[DEL4] what somebody else has open is deleted here, not there: with Codex the refusal names the holder', async () => {
  const { test, client } = await start()
  const child = await codexExec(test, 'wait here')
  const { id: sessionId, threadId } = await listed(client, ({ door }) => door === 'observed')
  await stateWhere(client.session(sessionId), ({ turns }) => turns.length > 0)
  const remove = (codex: boolean) => client.command('session/delete', { sessionId, codex, force: true })
  const refused = await remove(true).catch((error) => error)
  expect((refused as HubError).data).toMatchObject({
    name: 'heldElsewhere',
    facts: { holder: { pid: child.pid } },
  })
  expect(await remove(false)).toEqual({ threadId, deleted: [sessionId] })
  // It goes on there, and what it writes brings nothing back.
  writeFileSync(join(test.codex.project, 'go'), '')
  await exited(child)
  await until(async () => (await client.request('home/list', {})).homes[0]?.waiting === 0)
  expect((await client.request('session/list', {})).sessions).toEqual([])
})

it('[ADO9] what others have open is forked: a new session with its past and its own way on', async () => {
  const { test, client } = await start()
  await finished(test, 'remember 42')
  const found = await listed(client, ({ threadId }) => threadId !== null)
  const child = await codexExec(test, 'resume', String(found.threadId), 'wait here')
  const origin = client.session(found.id)
  await stateWhere(origin, ({ summary }) => summary.note !== null)
  const [ended, running] = (origin.getSnapshot().state as SessionState).turns
  const refused = await client
    .command('session/fork', { sessionId: found.id, throughTurnId: String(running?.id) })
    .catch((error) => error)
  expect((refused as HubError).data).toMatchObject({
    name: 'notPossible',
    facts: { reason: 'turnInProgress' },
  })
  const { session } = await client.command('session/fork', {
    sessionId: found.id,
    throughTurnId: String(ended?.id),
    name: 'Another way',
  })
  expect(session).toMatchObject({
    title: 'Another way',
    door: 'driven',
    forkedFromThreadId: found.threadId,
    unread: 0,
    counters: { turns: 1 },
  })
  const fork = client.session(session.id)
  await client.command('session/send', { sessionId: session.id, input: text('what was it') })
  const state = await stateWhere(fork, (each) => each.turns.length === 2 && isIdle(each))
  expect(said(state)).toEqual(['heard: remember 42', 'heard: remember 42 | what was it'])
  // The other goes on as if nothing had happened, and there are two sessions, not three.
  writeFileSync(join(test.codex.project, 'go'), '')
  await exited(child)
  const other = await stateWhere(origin, (each) => said(each).includes('done: wait here'))
  expect(said(other)).not.toContain('heard: remember 42 | what was it')
  expect((await client.request('session/list', {})).total).toBe(2)
})

it('[ADO15] a fork that somebody else made is seen with the past it began with', async () => {
  const { test, client } = await start({ observedEndMs: 2_000 })
  for (const prompt of ['one', 'two', 'three']) {
    const resumed = prompt === 'one' ? [] : ['resume', '--last']
    await finished(test, ...resumed, prompt)
  }
  const found = await listed(client, ({ threadId }) => threadId !== null)
  const origin = await stateWhere(client.session(found.id), ({ turns }) => turns.length === 3)
  await stateWhere(client.session(found.id), ({ summary }) => summary.door === 'dormant')
  const throughTurnId = String(origin.turns[1]?.id)
  const { session: fork } = await client.command('session/fork', { sessionId: found.id, throughTurnId })
  await client.command('session/send', { sessionId: fork.id, input: text('four') })
  await stateWhere(client.session(fork.id), (state) => state.turns.length === 3 && isIdle(state))
  const folder = mkdtempSync(join(tmpdir(), 'hub-'))
  const other = await startHub({
    folder,
    config: readConfig(folder, testConfig(test.codex)),
    version: '0.0.0',
  })
  closers.push(async () => {
    await other.close()
    rmSync(folder, { recursive: true })
  })
  await other.adopted
  const { url, token } = other
  const reader = connectHub({ url, token, client: { id: 'reader', name: 'reader' } })
  closers.push(() => reader.close())
  const seen = await listed(reader, ({ threadId }) => threadId === fork.threadId)
  const state = await stateWhere(reader.session(seen.id), (each) => said(each).length === 3)
  const heard = ['one', 'one | two', 'one | two | four'].map((words) => `heard: ${words}`)
  expect(said(state)).toEqual(heard)
  expect(state.turns.map(({ id }) => id).slice(0, 2)).toEqual(origin.turns.map(({ id }) => id).slice(0, 2))
  expect(state.summary).toMatchObject({
    forkedFromThreadId: found.threadId,
    counters: { turns: 3, prompts: 3 },
  })
})

it('[ADO4] a session of the hub has one row, is released to a terminal, and is seen there', async () => {
  const { test, client } = await start({ observedEndMs: 2_000 })
  const { session: made } = await client.command('session/create', {
    cwd: test.codex.project,
    input: text('begin here'),
  })
  const session = client.session(made.id)
  await stateWhere(session, (state) => said(state).length === 1 && state.summary.phase === 'idle')
  const released = await client.command('session/release', { sessionId: made.id })
  expect(released.command.slice(-2)).toEqual(['resume', made.threadId])
  expect(released.env).toEqual({ CODEX_HOME: test.codex.home })
  expect(released.session).toMatchObject({ phase: 'dormant', door: 'dormant', problem: null })
  await finished(test, 'resume', String(made.threadId), 'from the terminal')
  const state = await stateWhere(session, (each) => said(each).length === 2)
  expect(said(state)).toEqual(['heard: begin here', 'heard: begin here | from the terminal'])
  expect(state.items.filter(({ type }) => type === 'userMessage')).toHaveLength(2)
  const { sessions } = await client.request('session/list', {})
  expect(sessions.map(({ id }) => id)).toEqual([made.id])
})

it('[ADO5] sessions from before the hub are listed at once, and read when somebody opens one', async () => {
  const { test, client: first } = await start()
  await finished(test, 'long ago')
  first.close()
  await test.hub.close()
  await finished(test, 'while away')
  await test.restart()
  const client = test.client('phone')
  await test.hub.adopted
  const away = await listed(client, ({ title }) => title === 'while away')
  const before = await listed(client, ({ title }) => title === 'long ago')
  const read = client.session(before.id)
  expect(said(await stateWhere(read, (state) => said(state).length > 0))).toEqual(['heard: long ago'])
  const other = client.session(away.id)
  expect(said(await stateWhere(other, (state) => said(state).length > 0))).toEqual(['heard: while away'])
  const { sessions } = await client.request('session/list', {})
  expect(sessions).toHaveLength(2)
  const { homes } = await client.request('home/list', {})
  expect(homes).toMatchObject([{ codexHome: test.codex.home, adopt: true, threads: 2, problems: [] }])
})

it('[ADO6] a home whose adoption is off is left alone', async () => {
  const test = await makeHub({ script, config: {} })
  closers.push(() => test.close())
  await test.hub.close()
  writeFileSync(
    join(test.folder, 'config.json'),
    JSON.stringify({ homes: [{ path: test.codex.home, adopt: false }] }),
  )
  await test.restart()
  await finished(test, 'unseen')
  await test.hub.adopted
  const client = test.client('laptop')
  expect((await client.request('session/list', {})).sessions).toEqual([])
  const { homes } = await client.request('home/list', {})
  expect(homes).toMatchObject([{ codexHome: test.codex.home, adopt: false }])
  expect(existsSync(join(test.codex.home, 'sessions'))).toBe(true)
})
