import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from '../../src/server/config.ts'
import { startHub } from '../../src/server/hub.ts'
import { FakeDriver } from '../harness/fake-connector.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { openGreeted, openRaw } from '../harness/raw-socket.ts'

const VIEWER = 'a-token-that-may-only-look'
const HELLO = { protocolVersion: 1, client: { id: 'raw', name: 'raw' } }

let test: TestHub
let url: string
let token: string

beforeAll(async () => {
  test = await makeHub({
    script: () => [{ say: 'hello' }],
    config: { tokens: [{ name: 'wall', token: VIEWER, scopes: ['view'] }], logLevel: 'debug' },
  })
  url = test.hub.url
  token = test.hub.token
})
afterAll(() => test.close())

function get(
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number; body: string; headers: object }> {
  return new Promise((resolve, reject) => {
    const asked = request(`${url}${path}`, { headers }, (answer) => {
      let body = ''
      answer.on('data', (chunk) => {
        body += chunk
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body, headers: answer.headers }))
    })
    asked.on('error', reject)
    asked.end()
  })
}

const refusedUpgrade = (options: Parameters<typeof openRaw>[1]) =>
  openRaw(url, options).then(
    () => 'opened',
    (error: Error) => error.message,
  )

describe('doors', () => {
  it('[DOR1] without a token, or with a wrong one, nothing is answered: 401', async () => {
    expect((await get('/health', {})).status).toBe(401)
    expect((await get('/metrics', { authorization: 'Bearer wrong' })).status).toBe(401)
    expect((await get('/nothing/here', {})).status).toBe(401)
    expect(await refusedUpgrade({})).toContain('401')
    expect(await refusedUpgrade({ headers: { authorization: 'Bearer wrong' } })).toContain('401')
  })

  it('[DOR2] a wrong bearer subprotocol is told by close code 4401, which pages can see', async () => {
    const raw = await openRaw(url, { protocols: ['codex-hub.json', 'codex-hub.bearer.wrong'] })
    expect(await raw.closed).toEqual({ code: 4401, reason: 'unauthorized' })
  })

  it('[DOR3] a foreign Origin or Host is refused even with the token: 403', async () => {
    const authorization = `Bearer ${token}`
    expect((await get('/health', { authorization, host: 'evil.example' })).status).toBe(403)
    expect((await get('/health', { authorization, origin: 'https://evil.example' })).status).toBe(403)
    expect(await refusedUpgrade({ headers: { authorization, origin: 'https://evil.example' } })).toContain(
      '403',
    )
    expect(await refusedUpgrade({ headers: { authorization, host: 'rebound.example' } })).toContain('403')
    expect((await get('/health', { authorization, origin: url })).status).toBe(200)
  })

  it('[DOR4] the bearer subprotocol opens the socket and is never echoed', async () => {
    const raw = await openRaw(url, { protocols: ['codex-hub.json', `codex-hub.bearer.${token}`] })
    expect(raw.socket.protocol).toBe('codex-hub.json')
    expect(await raw.call('hub/hello', HELLO)).toMatchObject({
      result: { protocolVersion: 1, scopes: ['view', 'operate', 'approve', 'admin'] },
    })
    raw.socket.close()
  })

  it('[DOR5] a token does what its scopes say and no more', async () => {
    const raw = await openGreeted(url, VIEWER)
    expect(await raw.call('sessions/subscribe')).toMatchObject({ result: { mode: 'snapshot' } })
    const refused = await raw.call('session/create', { commandId: 'viewer-create', cwd: '/tmp' })
    expect(refused.error?.data).toMatchObject({
      name: 'forbidden',
      facts: { needs: 'operate', has: ['view'] },
    })
    raw.socket.close()
  })

  it('[DOR6] the token file is for its owner only, and the token is in no log', async () => {
    expect(statSync(join(test.folder, 'token')).mode & 0o777).toBe(0o600)
    await get('/health', { authorization: `Bearer ${token}` })
    await refusedUpgrade({ headers: { authorization: `Bearer ${token}`, origin: 'https://evil.example' } })
    const log = readFileSync(join(test.folder, 'hub.log'), 'utf8')
    expect(log).toContain('a socket was refused')
    expect(log).not.toContain(token)
  })

  it('[DOR7] health and metrics tell how the hub is', async () => {
    const headers = { authorization: `Bearer ${token}` }
    const health = await get('/health', headers)
    expect(JSON.parse(health.body)).toMatchObject({
      ok: true,
      version: '0.0.0',
      sessions: {},
      store: { queuedChanges: 0 },
    })
    const metrics = await get('/metrics', headers)
    for (const name of [
      'sessions',
      'clients',
      'client_queue_bytes',
      'frames_total',
      'wal_bytes',
      'store_last_flush_ms',
    ]) {
      expect(metrics.body).toContain(`codex_hub_${name}`)
    }
    expect(metrics.body).toContain('codex_hub_nodejs_eventloop_lag')
    expect(metrics.body).toContain('codex_hub_process_resident_memory_bytes')
  })

  it('[DOR8] binding beyond loopback is refused without explicit configuration', () => {
    const folder = mkdtempSync(join(tmpdir(), 'conf-'))
    expect(() => readConfig(folder, { host: '0.0.0.0' })).toThrow(ConfigError)
    expect(readConfig(folder, { host: '0.0.0.0', allowRemote: true }).host).toBe('0.0.0.0')
    writeFileSync(join(folder, 'config.json'), '{"port": "high"}')
    expect(() => readConfig(folder)).toThrow(/port/)
    writeFileSync(join(folder, 'config.json'), '{')
    expect(() => readConfig(folder)).toThrow(/config\.json cannot be read as JSON/)
    rmSync(folder, { recursive: true })
  })

  it('[DOR9] a superjson client speaks superjson both ways', async () => {
    const raw = await openRaw(url, { protocols: ['codex-hub.superjson', `codex-hub.bearer.${token}`] })
    raw.send(JSON.stringify({ json: { jsonrpc: '2.0', id: 1, method: 'hub/hello', params: HELLO } }))
    const answer = await raw.next((message) => 'json' in message)
    expect(answer.json).toMatchObject({ id: 1, result: { protocolVersion: 1 } })
    raw.socket.close()
  })
})

describe('bad input on a socket', () => {
  it('[BAD1] what cannot be read is answered with a typed error and costs nothing else', async () => {
    const raw = await openGreeted(url, token)
    const expected: [string | Buffer, string][] = [
      ['{', 'parseError'],
      [Buffer.from([0xff, 0x00, 0xfe]), 'parseError'],
      ['[]', 'invalidRequest'],
      ['"text"', 'invalidRequest'],
      ['{"id":1,"method":7}', 'invalidRequest'],
      ['{"jsonrpc":"2.0"}', 'invalidRequest'],
    ]
    for (const [text, name] of expected) {
      const before = raw.heard.length
      raw.send(text)
      await raw.next((message) => raw.heard.indexOf(message) >= before)
      expect([String(text), raw.heard.at(-1)]).toMatchObject([String(text), { error: { data: { name } } }])
    }
    expect(await raw.call('hub/ping', { echo: 'still here' })).toMatchObject({
      result: { echo: 'still here' },
    })
    raw.socket.close()
  })

  it('[BAD2] unknown methods, wrong parameters and unknown things each have their error', async () => {
    const raw = await openGreeted(url, token)
    const cases: [string, object, string][] = [
      ['session/teleport', {}, 'methodNotFound'],
      ['constructor', {}, 'methodNotFound'],
      ['session/get', {}, 'invalidParams'],
      ['session/get', { sessionId: 7 }, 'invalidParams'],
      ['session/get', { sessionId: 'ses_x', surplus: true }, 'invalidParams'],
      ['session/get', { sessionId: 'ses_x' }, 'sessionNotFound'],
      ['session/subscribe', { sessionId: 'ses_x' }, 'sessionNotFound'],
      ['session/subscribe', { sessionId: 'ses_x', cursor: { epoch: 'a', revision: -1 } }, 'invalidParams'],
      ['session/list', { pageToken: 'forged' }, 'invalidPageToken'],
      ['session/list', { limit: 100_000 }, 'invalidParams'],
      ['session/send', { sessionId: 'ses_x', input: [{ type: 'text', text: 'x' }] }, 'invalidParams'],
      ['session/create', { commandId: 'short', cwd: '/' }, 'invalidParams'],
    ]
    for (const [method, params, name] of cases) {
      const { error } = await raw.call(method, params)
      expect([method, params, error?.data.name]).toEqual([method, params, name])
    }
    raw.socket.close()
  })

  it('[BAD3] nothing is answered before hub/hello, and another protocol version ends the connection with 4426', async () => {
    const raw = await openRaw(url, { headers: { authorization: `Bearer ${token}` } })
    expect((await raw.call('hub/status')).error?.data.name).toBe('helloRequired')
    const { error } = await raw.call('hub/hello', { ...HELLO, protocolVersion: 99 })
    expect(error?.data).toMatchObject({ name: 'unsupportedVersion', facts: { speaks: 1, asked: 99 } })
    expect((await raw.closed).code).toBe(4426)
  })

  it('[BAD4] a message over the limit ends the connection with 1009', async () => {
    const raw = await openGreeted(url, token)
    raw.send('x'.repeat(8 * 1024 * 1024 + 1))
    expect((await raw.closed).code).toBe(1009)
  })

  it('[BAD5] a hundred messages that nobody can read end the connection with 4400', async () => {
    const raw = await openGreeted(url, token)
    for (let count = 0; count < 100; count += 1) raw.send('{')
    expect((await raw.closed).code).toBe(4400)
  })

  it('[BAD6] no sequence of frames brings the hub down or disturbs another client', async () => {
    const good = await openGreeted(url, token)
    const message = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({
          id: fc.anything(),
          method: fc.constantFrom('hub/hello', 'session/items', 'session/create', 'x'),
          params: fc.anything(),
        })
        .map((value) => {
          try {
            return JSON.stringify(value) ?? ''
          } catch {
            return '{}'
          }
        }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 20 }), async (messages) => {
        const raw = await openRaw(url, { headers: { authorization: `Bearer ${token}` } })
        for (const text of messages) raw.send(text)
        raw.socket.close()
        await raw.closed
        expect(await good.call('hub/ping', { echo: 'alive' })).toMatchObject({ result: { echo: 'alive' } })
      }),
      { numRuns: 50 },
    )
    good.socket.close()
  })

  it('[BAD7] a hub without a usable Codex runs, and says so when a session is wanted', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hub-'))
    const config = readConfig(folder, { port: 0, codexPath: join(folder, 'no-codex'), logLevel: 'silent' })
    const hub = await startHub({ folder, config, version: '0.0.0' })
    const raw = await openGreeted(hub.url, hub.token)
    const { error } = await raw.call('session/create', { commandId: 'create-without-codex', cwd: folder })
    expect(error?.data).toMatchObject({ name: 'codexUnavailable', facts: { fault: 'codexMissing' } })
    expect(await raw.call('session/list')).toMatchObject({ result: { sessions: [], total: 0 } })
    await hub.close()
    rmSync(folder, { recursive: true })
  })

  it('[BAD8] a corrupt or newer database is refused with a sentence, and left as it is', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hub-'))
    const file = join(folder, 'hub.sqlite')
    writeFileSync(file, 'this is not a database, however long it may be. '.repeat(200))
    const before = readFileSync(file, 'utf8')
    const start = startHub({
      folder,
      config: readConfig(folder, { port: 0, logLevel: 'silent' }),
      version: '0.0.0',
      makeDriver: () => new FakeDriver() as never,
    })
    await expect(start).rejects.toMatchObject({ name: 'StoreError', fault: 'corrupt' })
    expect(readFileSync(file, 'utf8')).toBe(before)
    rmSync(folder, { recursive: true })
  })
})
