import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connectHub } from '../../src/client/client.ts'
import { readConfig } from '../../src/server/config.ts'
import { startHub } from '../../src/server/hub.ts'
import type { RunningHub } from '../../src/server/hub-options.ts'
import { FakeDriver } from '../harness/fake-connector.ts'
import { ManualClock } from '../harness/manual-clock.ts'
import { openRaw } from '../harness/raw-socket.ts'

const INDEX = '<!doctype html><title>page</title>'
const SCRIPT = 'console.log("the page")\n'.repeat(50)

let root: string
let hub: RunningHub
const clock = new ManualClock()

function start(name: string, pageFolder: string): Promise<RunningHub> {
  const folder = join(root, name)
  return startHub({
    folder,
    config: readConfig(folder, { port: 0, codexHome: join(root, 'codex'), logLevel: 'silent' }),
    version: '0.0.0',
    makeDriver: () => new FakeDriver() as never,
    clock,
    pageFolder,
  })
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'page-'))
  const web = join(root, 'web')
  mkdirSync(join(web, 'assets'), { recursive: true })
  writeFileSync(join(web, 'index.html'), INDEX)
  writeFileSync(join(web, 'sw.js'), 'self.x = 1\n')
  writeFileSync(join(web, 'assets', 'index-B1x_9-aZ.js'), SCRIPT)
  writeFileSync(join(web, 'assets', 'index-B1x_9-aZ.js.br'), brotliCompressSync(SCRIPT))
  writeFileSync(join(root, 'secret.txt'), 'not for pages')
  hub = await start('hub', web)
})
afterAll(async () => {
  await hub.close()
  rmSync(root, { recursive: true, force: true, maxRetries: 5 })
})

interface Answer {
  readonly status: number
  readonly body: string
  readonly headers: Record<string, string | string[] | undefined>
}

/** No fetch: it sets the headers a browser would set, which are what is tried here. */
function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(`${hub.url}${path}`, { headers, method }, (answer) => {
      let body = ''
      answer.setEncoding('latin1').on('data', (chunk) => {
        body += chunk
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body, headers: answer.headers }))
    })
    asked.on('error', reject)
    asked.end()
  })
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const cookieFrom = ({ headers }: Answer) => headers['set-cookie']?.[0]?.split(';')[0] ?? ''

it("[PAG50] the page's files need no token but the hub's own Host and Origin; everything else needs a token", async () => {
  expect([(await ask('/')).body, (await ask('/sw.js')).body]).toEqual([INDEX, 'self.x = 1\n'])
  const statuses = async (...asked: Promise<Answer>[]) =>
    (await Promise.all(asked)).map(({ status }) => status)
  expect(
    await statuses(
      ask('/', { host: 'rebound.example' }),
      ask('/sw.js', { origin: 'https://evil.example' }),
      ask('/login', { ...bearer(hub.token), origin: 'https://evil.example' }, 'POST'),
    ),
  ).toEqual([403, 403, 403])
  expect(
    await statuses(ask('/health'), ask('/metrics'), ask('/nothing'), ask('/', {}, 'POST'), ask('/ticket')),
  ).toEqual([401, 401, 401, 401, 401])
  expect(
    await statuses(
      ask('/../secret.txt'),
      ask('/..%2fsecret.txt'),
      ask('/assets/..%2f..%2f..%2fsecret.txt'),
      ask('/%2e%2e/secret.txt'),
    ),
  ).not.toContain(200)
})

it('[PAG51] hashed files are kept for good and leave compressed; anything else is asked for again', async () => {
  const plain = await ask('/assets/index-B1x_9-aZ.js')
  expect([plain.body, plain.headers['cache-control']]).toEqual([
    SCRIPT,
    'public, max-age=31536000, immutable',
  ])
  const packed = await ask('/assets/index-B1x_9-aZ.js', { 'accept-encoding': 'gzip, br' })
  expect(packed.headers).toMatchObject({
    'content-encoding': 'br',
    'cache-control': 'public, max-age=31536000, immutable',
    'content-type': expect.stringMatching(/javascript/),
    vary: 'accept-encoding',
  })
  expect(packed.body.length).toBeLessThan(SCRIPT.length)
  const index = await ask('/')
  expect(index.headers['cache-control']).toBe('no-cache')
  expect((await ask('/', { 'if-none-match': String(index.headers.etag) })).status).toBe(304)
})

it('[PAG52] every answer forbids foreign code, frames and embedding', async () => {
  for (const answer of [await ask('/'), await ask('/nothing'), await ask('/health', bearer(hub.token))]) {
    expect(answer.headers).toMatchObject({
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    })
  }
})

it("[PAG53] an address of the page's own gets the page where a browser goes to it, and nothing where a program asks", async () => {
  const gone = await ask('/session/abc?x=1', { 'sec-fetch-mode': 'navigate' })
  expect([gone.status, gone.body]).toEqual([200, INDEX])
  expect((await ask('/session/abc', { accept: 'text/html,*/*' })).body).toBe(INDEX)
  expect((await ask('/assets/gone-12345678.js', { 'sec-fetch-mode': 'cors' })).status).toBe(401)
  const missing = await ask('/assets/gone-12345678.js', bearer(hub.token))
  expect([missing.status, JSON.parse(missing.body)]).toEqual([
    404,
    { error: 'Nothing is at GET /assets/gone-12345678.js.' },
  ])
})

it('[PAG54] a posted token becomes a cookie for the socket alone that scripts cannot read; it opens the socket of own pages only', async () => {
  const wrong = await ask('/login', bearer('x'.repeat(30)), 'POST')
  expect([wrong.status, wrong.headers['set-cookie']]).toEqual([401, undefined])
  const loggedIn = await ask('/login', { ...bearer(hub.token), origin: hub.url }, 'POST')
  const name = `codex_hub_token_${new URL(hub.url).port}`
  expect([loggedIn.status, loggedIn.headers['set-cookie']]).toEqual([
    204,
    [`${name}=${hub.token}; Path=/ws; Max-Age=7776000; HttpOnly; SameSite=Strict`],
  ])
  const cookie = cookieFrom(loggedIn)
  const raw = await openRaw(hub.url, { protocols: ['codex-hub.json'], headers: { cookie, origin: hub.url } })
  const hello = { protocolVersion: 1, client: { id: 'page', name: 'page' } }
  expect(await raw.call('hub/hello', hello)).toMatchObject({ result: { protocolVersion: 1 } })
  raw.socket.close()
  const other = { cookie, origin: 'http://127.0.0.1:3000' }
  await expect(openRaw(hub.url, { headers: other })).rejects.toThrow('403')
  await expect(openRaw(hub.url, { headers: { cookie } })).rejects.toThrow('401')
  expect((await ask('/health', { cookie })).status).toBe(401)
  const out = await ask('/logout', { origin: hub.url }, 'POST')
  expect(out.headers['set-cookie']).toEqual([`${name}=; Path=/ws; Max-Age=0; HttpOnly; SameSite=Strict`])
})

it('[PAG55] a page without a usable cookie is told so by close code 4401, and its SDK does not come back', async () => {
  for (const cookie of ['', `codex_hub_token_${new URL(hub.url).port}=${'x'.repeat(30)}`]) {
    const raw = await openRaw(hub.url, {
      protocols: ['codex-hub.json'],
      headers: { cookie, origin: hub.url },
    })
    expect(await raw.closed).toEqual({ code: 4401, reason: 'unauthorized' })
  }
  const client = connectHub({ url: hub.url, token: 'wrong', client: { id: 'page', name: 'page' } })
  await expect(client.request('hub/ping', {})).rejects.toMatchObject({ name: 'RefusedError', code: 4401 })
  client.close()
})

it('[PAG56] a ticket logs in once, within a minute', async () => {
  const mint = async (): Promise<string> =>
    JSON.parse((await ask('/ticket', bearer(hub.token), 'POST')).body).ticket
  const ticket = await mint()
  const first = await ask('/login', bearer(ticket), 'POST')
  expect([first.status, cookieFrom(first).split('=')[1]]).toEqual([204, hub.token])
  expect((await ask('/login', bearer(ticket), 'POST')).status).toBe(401)
  expect((await ask('/health', bearer(await mint()))).status).toBe(401)
  const late = await mint()
  clock.advance(60_000)
  expect((await ask('/login', bearer(late), 'POST')).status).toBe(401)
})

it('[PAG57] a hub whose page is not built says what to run, and works otherwise', async () => {
  const bare = await start('bare', join(root, 'nowhere'))
  try {
    const answer = await fetch(bare.url)
    expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining('npm run build:web')])
    expect((await fetch(`${bare.url}/health`, { headers: bearer(bare.token) })).status).toBe(200)
  } finally {
    await bare.close()
  }
})
