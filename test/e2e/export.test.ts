/** Sessions as files: from one hub into another, and what is refused on the way. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { HubClient } from '../../src/client/client.ts'
import { newCommandId } from '../../src/client/command-id.ts'
import type { Store } from '../../src/persistence/store.ts'
import type { ExportFormat } from '../../src/protocol/export.ts'
import { exportSchema } from '../../src/protocol/export.ts'
import { startCli } from '../cli/run-cli.ts'
import { event, meta } from '../connectors/rollout/rollouts.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { approvalOf, decidedOf, detailsOf, itemOf, sessionOf, turnOf } from '../harness/stored.ts'
import { until } from '../harness/until.ts'

const ID = 'ses_export0001'
const HOSTILE =
  'End. <script>alert(1)</script> ![x](https://evil.example/p.png) [y](javascript:alert(1)) `</main>`'
const HUGE = '𝒳 "quoted" \u2028 \\ end\n'.repeat(60_000)

function fill(store: Store): void {
  const session = sessionOf(ID, {
    title: 'A <b>title</b>',
    counters: { turns: 3, items: 9, prompts: 1, tools: 1 },
  })
  store.write({ kind: 'session', session })
  store.write({ kind: 'details', sessionId: ID, details: detailsOf('the plan') })
  for (let seq = 0; seq < 60; seq += 1) {
    const status = seq === 59 ? 'inProgress' : 'completed'
    store.write({
      kind: 'turn',
      sessionId: ID,
      turn: turnOf(seq, { id: `turn-${seq}`, status, startedAt: seq }),
    })
  }
  const put = (seq: number, type: string, body: Record<string, unknown>, over = {}) =>
    store.write({
      kind: 'item',
      sessionId: ID,
      item: itemOf(seq, { turnId: `turn-${seq % 60}`, type, body, ...over }),
    })
  put(0, 'userMessage', {
    content: [
      { type: 'text', text: 'Please\nlook' },
      { type: 'image', url: 'https://evil.example/i.png' },
    ],
  })
  put(1, 'agentMessage', { text: HOSTILE })
  put(2, 'commandExecution', {
    command: 'cat `a`',
    exitCode: 1,
    durationMs: 2_000,
    aggregatedOutput: '```\n<i>out</i>\n',
  })
  put(3, 'somethingNew', { ['__proto__']: { constructor: 1 }, deep: [[['x']]] })
  put(4, 'fileChange', { changes: [{ path: 'a.ts', diff: '-old\n+new\n' }] })
  put(5, 'agentMessage', { text: HUGE }, { hole: true })
  for (let seq = 6; seq < 130; seq += 1) put(seq, 'agentMessage', { text: `text ${seq}` })
  put(130, 'agentMessage', { text: 'unfinished' }, { status: 'inProgress' })
  store.write({ kind: 'approval', sessionId: ID, approval: decidedOf('a1') })
  store.write({ kind: 'approval', sessionId: ID, approval: approvalOf('a2') })
}

let from: TestHub
let to: TestHub
let source: HubClient
let target: HubClient
let json = ''
const closers: (() => unknown)[] = []

beforeAll(async () => {
  const script = () => [{ say: 'heard' }]
  from = await makeHub({ script, seed: fill })
  to = await makeHub({ script })
  source = from.client('laptop')
  target = to.client('laptop')
  json = (await exported('json')).join('')
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})
afterAll(async () => {
  await from.close()
  await to.close()
})

async function exported(format: ExportFormat, client = source, sessionId = ID): Promise<string[]> {
  const pieces: string[] = []
  for await (const { text } of client.exportSession(sessionId, format)) pieces.push(text)
  return pieces
}

async function refusal(text: string, client = target): Promise<unknown> {
  const error = await client.importSession([text]).then(
    () => null,
    (reason: unknown) => reason,
  )
  return error instanceof Error
    ? (error as Error & { data?: { facts: { reason: string } } }).data?.facts.reason
    : null
}

const whole = (text: string) => JSON.parse(text) as ReturnType<typeof exportSchema.parse>

it('[EXP2] an export comes in bounded pieces that make up one sound document', async () => {
  const pieces = await exported('json')
  expect(pieces.length).toBeGreaterThan(4)
  for (const piece of pieces) {
    expect(piece.length).toBeLessThanOrEqual(256 * 1024)
    expect(piece.isWellFormed()).toBe(true)
  }
  const file = whole(pieces.join(''))
  expect(exportSchema.parse(file)).toMatchObject({ format: 'codex-hub-session', version: 1 })
  expect(file.end).toEqual({ turns: 60, items: 131, approvals: 2 })
  expect(file.items.map(({ seq }) => seq)).toEqual(Array.from({ length: 131 }, (_, seq) => seq))
  expect(file.items[5]?.body.text).toBe(HUGE)
  for (const pageToken of [
    '',
    'x',
    'bnVsbA',
    Buffer.from('["export",9,null,0,null,0,0,0]').toString('base64url'),
  ])
    await expect(source.request('session/export', { sessionId: ID, pageToken })).rejects.toMatchObject({
      data: { name: 'invalidPageToken' },
    })
})

it('[EXP1] in another hub it has the same turns, items and approvals, to the last character', async () => {
  const { session, isNew } = await target.importSession(chunks(json, 100_001))
  expect({ isNew, door: session.door, phase: session.phase }).toEqual({
    isNew: true,
    door: 'imported',
    phase: 'dormant',
  })
  const before = whole(json)
  const after = whole((await exported('json', target)).join(''))
  // What still went on is closed.
  const over = 'It was still going on when the session was exported.'
  expect(after.items).toEqual(
    before.items.map((item) => (item.status === 'inProgress' ? { ...item, status: 'interrupted' } : item)),
  )
  expect(JSON.stringify(after.items[3]?.body)).toBe('{"__proto__":{"constructor":1},"deep":[[["x"]]]}')
  expect(after.turns.slice(0, -1)).toEqual(before.turns.slice(0, -1))
  expect(after.turns.at(-1)).toEqual({
    ...before.turns.at(-1),
    status: 'interrupted',
    error: { message: over, code: 'exported' },
  })
  expect(after.details).toEqual(before.details)
  expect(
    after.approvals.map(({ id, state, outcome }) => [id, state, outcome?.why ?? outcome?.by?.name]),
  ).toEqual([
    ['a1', 'decided', 'Ada'],
    ['a2', 'withdrawn', over],
  ])
  expect(after.session).toMatchObject({
    id: ID,
    title: before.session.title,
    threadId: null,
    attention: null,
    imported: { exportedAt: before.exportedAt, hub: before.hub, threadId: before.session.threadId },
  })
})

it('[EXP5] it is read, searched, renamed and exported; everything else is refused, also after a restart', async () => {
  const { hits } = await target.request('session/search', { query: 'unfinished' })
  expect(hits.map(({ sessionId, seq }) => [sessionId, seq])).toEqual([[ID, 130]])
  await to.restart()
  target = to.client('laptop')
  const { session } = await target.request('session/get', { sessionId: ID })
  expect(session).toMatchObject({ door: 'imported', phase: 'dormant' })
  expect(session.capabilities).toEqual(['session/delete', 'session/markRead', 'session/rename'])
  const input = [{ type: 'text' as const, text: 'go on' }]
  const refused = {
    data: { name: 'notPossible', facts: { reason: 'imported', threadId: `thread-of-${ID}` } },
  }
  await expect(target.command('session/send', { sessionId: ID, input })).rejects.toMatchObject(refused)
  await expect(target.command('session/resume', { sessionId: ID })).rejects.toMatchObject(refused)
  await expect(target.command('session/fork', { sessionId: ID })).rejects.toMatchObject(refused)
  await expect(target.command('session/archive', { sessionId: ID })).rejects.toMatchObject(refused)
  const renamed = await target.command('session/rename', { sessionId: ID, name: 'Theirs' })
  expect(renamed.session).toMatchObject({ title: 'Theirs', door: 'imported' })
  const { items } = await target.request('session/items', { sessionId: ID, limit: 1 })
  expect(items.map(({ body }) => body.text)).toEqual(['unfinished'])
})

it('[EXP6] the same file twice is one session, a newer one takes its place, and one of the hub itself stays', async () => {
  expect(await target.importSession([json])).toMatchObject({ isNew: false, session: { title: 'Theirs' } })
  const older = json.replace(/"exportedAt":\d+/, '"exportedAt":5')
  expect(await target.importSession([older])).toMatchObject({ isNew: false })
  const newer = { ...whole(json), exportedAt: Date.now() + 1, items: whole(json).items.slice(0, 3) }
  const file = JSON.stringify({ ...newer, end: { turns: 60, items: 3, approvals: 2 } }, null, 2)
  expect(await target.importSession([file])).toMatchObject({
    isNew: true,
    session: { title: 'A <b>title</b>' },
  })
  const { items } = await target.request('session/items', { sessionId: ID, limit: 500 })
  expect(items).toHaveLength(3)
  expect(await refusal(json, source)).toBe('exists')
})

it('[EXP7] what is damaged, cut off, newer or something else is refused, and nothing of it is stored', async () => {
  const fresh = json.replaceAll(ID, 'ses_never')
  const lines = fresh.split('\n')
  const cases: readonly (readonly [string, string])[] = [
    ['', 'incomplete'],
    ['{"hello":1}', 'notAnExport'],
    ['%PDF-1.7', 'notAnExport'],
    ['[1,2]', 'notAnExport'],
    [fresh.replace('"version":1', '"version":2'), 'newerVersion'],
    [fresh.replace('codex-hub-session', 'other'), 'notAnExport'],
    [lines.slice(0, -2).join('\n'), 'incomplete'],
    [lines.slice(0, 80).join('\n'), 'incomplete'],
    [fresh.slice(0, 2_000), 'corrupt'],
    [lines.toSpliced(70, 1).join('\n'), 'incomplete'],
    [fresh.replace('"seq":3,', '"seq":"three",'), 'corrupt'],
    [fresh.replace('"id":"ses_never"', '"id":"../../etc"'), 'corrupt'],
    [lines.toSpliced(1, 1).join('\n'), 'corrupt'],
  ]
  const found: unknown[] = []
  for (const [text] of cases) found.push(await refusal(text))
  expect(found).toEqual(cases.map(([, reason]) => reason))
  const { sessions } = await target.request('session/list', {})
  expect(sessions.map(({ id }) => id)).toEqual([ID])
  expect((await target.request('session/search', { query: 'unfinished' })).hits).toEqual([])
  expect(readdirSync(join(to.folder, 'imports'))).toEqual([])
})

it('[EXP8] uploads go on where they were, and what nobody ended is removed', async () => {
  const uploadId = newCommandId()
  const upload = (offset: number, text: string) => target.request('import/upload', { uploadId, offset, text })
  expect(await upload(0, 'abc')).toEqual({ length: 3 })
  expect(await upload(3, 'def')).toEqual({ length: 6 })
  // Sent again, since its answer did not arrive.
  expect(await upload(3, 'def')).toEqual({ length: 6 })
  await expect(upload(4, 'x')).rejects.toMatchObject({
    data: { name: 'invalidParams', facts: { length: 6 } },
  })
  await expect(upload(6, '\ud835')).rejects.toMatchObject({ data: { name: 'invalidParams' } })
  await expect(target.command('session/import', { uploadId: newCommandId() })).rejects.toMatchObject({
    data: { name: 'notFound' },
  })
  const ids = Array.from({ length: 7 }, () => newCommandId())
  for (const id of ids) await target.request('import/upload', { uploadId: id, offset: 0, text: 'x' })
  await expect(
    target.request('import/upload', { uploadId: newCommandId(), offset: 0, text: 'x' }),
  ).rejects.toMatchObject({ data: { name: 'overloaded' } })
  // As a hub leaves it that was killed while it imported.
  writeFileSync(join(to.folder, 'imports', 'ses_half.importing'), '')
  const database = new Database(join(to.folder, 'hub.sqlite'))
  const half = () =>
    database.prepare(`select count(*) from items where session_id = 'ses_half'`).pluck().get()
  database.exec(`insert into items (session_id, id, seq, turn_id, type, status, body)
    values ('ses_half', 'i', 0, 't', 'agentMessage', 'completed', '{}')`)
  expect(half()).toBe(1)
  await to.restart()
  target = to.client('laptop')
  expect(existsSync(join(to.folder, 'imports'))).toBe(false)
  await until(() => half() === 0)
  database.close()
})

it('[EXP3] the page holds no script, no address that is loaded, and nothing of an agent as HTML', async () => {
  const page = (await exported('html')).join('')
  expect(page).toContain("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
  expect(page).not.toMatch(/<script|<img|<link|<iframe|src="http|url\(|javascript:alert\(1\)"/)
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  expect(page).toContain('<title>A &#60;b&#62;title&#60;/b&#62;</title>')
  expect(page).toContain('[image: https://evil.example/i.png]')
  expect(page.match(/<\/main>/g)).toHaveLength(1)
  expect(page).toContain('<span class="del">-old</span>')
  expect(page.match(/<article /g)).toHaveLength(128)
})

it('[EXP4] the Markdown holds what was said as it was said, and folds and fences what was done', async () => {
  const text = (await exported('markdown')).join('')
  expect(text).toContain('# A <b>title</b>\n')
  expect(text).toContain(`\n## Prompt\n\nPlease\nlook\n\n[image](<https://evil.example/i.png>)\n`)
  expect(text).toContain(`\n### Answer\n\n${HOSTILE}\n`)
  expect(text).toContain(
    '<details>\n<summary>$ cat `a` (exit 1, 2.0 s)</summary>\n\n````\n```\n<i>out</i>\n````\n\n</details>',
  )
  expect(text).toContain('```diff\n-old\n+new\n```')
})

it('[EXP9] the command line writes a file whole, brings it into another hub, and prints without a file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'export-'))
  closers.push(() => rmSync(folder, { recursive: true, force: true }))
  const env = ({ hub }: TestHub) => ({ CODEX_HUB_URL: hub.url, CODEX_HUB_TOKEN: hub.token })
  const file = join(folder, 'out.json')
  const wrote = await startCli(from.folder, ['export', ID, '-o', file], env(from))
  expect([wrote.exitCode, readdirSync(folder)]).toEqual([0, ['out.json']])
  expect(whole(readFileSync(file, 'utf8')).items).toEqual(whole(json).items)
  await target.command('session/delete', { sessionId: ID })
  const brought = await startCli(to.folder, ['import', file], env(to))
  expect(brought.stdout).toBe(`"A <b>title</b>" is here to be read: codex-hub watch ${ID}`)
})

it('[EXP9] without a file an export is printed', async () => {
  const env = { CODEX_HUB_URL: from.hub.url, CODEX_HUB_TOKEN: from.hub.token }
  const printed = await startCli(from.folder, ['export', ID, '--format', 'md'], env)
  expect(printed.stdout).toContain('## Prompt')
})

it('[EXP10] a session that was never opened here is exported with its whole history', async () => {
  const home = mkdtempSync(join(tmpdir(), 'export-home-'))
  closers.push(() => rmSync(home, { recursive: true, force: true }))
  const folder = join(home, 'sessions/2026/01/01')
  mkdirSync(folder, { recursive: true })
  const threadId = '01a1fbca-0000-7000-8000-00000000000a'
  const path = join(folder, `rollout-2026-01-01T00-00-00-${threadId}.jsonl`)
  const said = Array.from({ length: 300 }, (_, n) =>
    event('user_message', { message: `say ${n}`, kind: 'plain' }),
  )
  writeFileSync(path, meta(threadId) + said.join(''))
  utimesSync(path, 1e9, 1e9)
  const test = await makeHub({
    script: () => [{ say: 'x' }],
    config: { homes: [{ path: home, adopt: true }] },
  })
  closers.push(() => test.close())
  const client = test.client('laptop')
  let sessionId = ''
  await until(async () => {
    const { sessions } = await client.request('session/list', {})
    sessionId = sessions.find((session) => session.threadId === threadId)?.id ?? ''
    return sessionId !== ''
  })
  const file = whole((await exported('json', client, sessionId)).join(''))
  expect(file.items.map(({ body }) => (body.content as { text: string }[])[0]?.text)).toEqual(
    Array.from({ length: 300 }, (_, n) => `say ${n}`),
  )
})

function* chunks(text: string, size: number): Generator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size)
}
