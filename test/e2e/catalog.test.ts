/** What Codex has around sessions, asked of the real Codex; no account is needed for any of it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { HubClient } from '../../src/client/client.ts'
import { isAtLeast } from '../../src/connectors/codex/version.ts'
import { cliOf } from '../cli/run-cli.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { versionOfTestCodex } from '../harness/test-codex.ts'

const SERVER = fileURLToPath(new URL('../fixtures/programs/mcp-asks.mjs', import.meta.url))
const version = await versionOfTestCodex()
const since = (release: string) => isAtLeast(version, release)

const TOML = `[mcp_servers.asks]
command = ${JSON.stringify(process.execPath)}
args = [${JSON.stringify(SERVER)}, "--token", "hush-argument"]
env = { KEY = "hush-env" }
[mcp_servers.broken]
command = "/no/such/server"
[mcp_servers.web]
url = "http://127.0.0.1:9/mcp?api_key=hush-url"
[model_providers.other]
name = "other"
base_url = "https://user:hush-password@example.org/v1?key=hush-query"
experimental_bearer_token = "hush-token"
http_headers = { "x-tenant" = "hush-header" }`

let test: TestHub
let client: HubClient
let skill: string
let cli: ReturnType<typeof cliOf>

beforeAll(async () => {
  test = await makeHub({ script: () => [{ say: 'heard' }], toml: TOML })
  client = test.client('laptop')
  cli = cliOf(test.folder)
  const folder = join(test.codex.home, 'skills', 'tidy')
  mkdirSync(folder, { recursive: true })
  skill = join(folder, 'SKILL.md')
  writeFileSync(skill, '---\nname: tidy\ndescription: Tidies.\n---\nSweep.')
})
afterAll(() => test.close())

it('[CAT1] MCP servers are listed with how they are, why not, and their tools', async () => {
  const { servers } = await client.request('mcpServer/list', {}, { timeoutMs: 60_000 })
  const asks = servers.find(({ name }) => name === 'asks')
  expect(asks).toMatchObject({ state: 'ready', tools: [{ name: 'order', description: 'Orders.' }] })
  const broken = servers.find(({ name }) => name === 'broken')
  expect(broken).toMatchObject(since('0.160.0') ? { state: 'failed', tools: [] } : { tools: [] })
  if (since('0.160.0')) expect(broken?.error).toContain('No such file')
  expect(JSON.stringify(servers)).not.toContain('hush')
  const { stdout } = await cli('mcp-servers', '--tools')
  expect(stdout).toMatch(/asks +ready +1 tool/)
  expect(stdout).toMatch(/order +Orders\./)
})

it('[CAT2] skills are listed by folder and switched by name or path; what is not one skill is refused', async () => {
  const folders = async () =>
    (await client.request('skill/list', { cwds: [test.codex.project], reload: true })).folders
  const state = async () => (await folders())[0]?.skills.find(({ name }) => name === 'tidy')
  expect(await state()).toEqual({
    name: 'tidy',
    description: 'Tidies.',
    path: skill,
    scope: 'user',
    enabled: true,
    pluginId: null,
  })
  const off = await client.command('skill/enable', { skill: 'tidy', enabled: false })
  expect(off).toEqual({ path: skill, enabled: false })
  expect((await state())?.enabled).toBe(false)
  await expect(client.command('skill/enable', { skill: 'untidy', enabled: true })).rejects.toMatchObject({
    data: { name: 'invalidParams', facts: { skill: 'untidy', paths: [] } },
  })
  expect((await cli('skills', '--enable', skill)).stdout).toBe(`${skill} is on.`)
  expect((await state())?.enabled).toBe(true)
})

it('[CAT3] the configuration is read with its layers and origins, and never with a secret', async () => {
  const read = await client.request('config/read', { cwd: test.codex.project })
  expect(read.origins['model_providers.other.name']).toEqual({
    kind: 'user',
    path: join(test.codex.home, 'config.toml'),
  })
  const user = read.layers.find(({ kind }) => kind === 'user')
  expect(user).toMatchObject({ version: read.version, disabledReason: null })
  expect(JSON.stringify(read)).not.toContain('hush')
  expect(read.config).toMatchObject({
    model: 'mock-model',
    mcp_servers: { asks: { args: [SERVER, '--token', '[not shown]'], env: { KEY: '[not shown]' } } },
    model_providers: {
      other: {
        base_url: 'https://example.org/v1?key=[not shown]',
        experimental_bearer_token: '[not shown]',
        http_headers: { 'x-tenant': '[not shown]' },
      },
    },
  })
  for (const args of [
    ['config', 'get'],
    ['--json', 'config', 'get'],
    ['config', 'get', '--layers'],
  ]) {
    expect((await cli(...args)).stdout).not.toContain('hush')
  }
})

it('[CAT4] a write with the version that was read passes; with an older one it is stale and writes nothing', async () => {
  const { version: before } = await client.request('config/read', {})
  const edit = (value: unknown) => [{ keyPath: 'model_reasoning_effort', value }]
  const written = await client.command('config/write', {
    edits: edit('high'),
    expectedVersion: before ?? '',
  })
  expect(written).toEqual({
    path: join(test.codex.home, 'config.toml'),
    version: expect.not.stringContaining(before ?? '-'),
    overridden: null,
  })
  const late = client.command('config/write', { edits: edit('low'), expectedVersion: before ?? '' })
  await expect(late).rejects.toMatchObject({
    data: { name: 'stale', retry: 'never', facts: { configCode: 'configVersionConflict' } },
  })
  const now = await client.request('config/read', {})
  expect([now.version, now.config.model_reasoning_effort]).toEqual([written.version, 'high'])
  expect((await cli('config', 'set', 'model_reasoning_effort', 'low', '--expect', 'old')).exitCode).toBe(5)
  expect((await cli('config', 'set', 'model_reasoning_effort', 'medium')).exitCode).toBe(0)
  expect((await cli('config', 'get', 'model_reasoning_effort')).stdout).toBe('medium')
  expect((await cli('config', 'unset', 'model_reasoning_effort')).exitCode).toBe(0)
  expect((await cli('config', 'get')).stdout).not.toContain('model_reasoning_effort')
})

it('[CAT5] a value that Codex does not take, or that was not shown, is refused, and nothing is written', async () => {
  const file = join(test.codex.home, 'config.toml')
  const before = readFileSync(file, 'utf8')
  const write = (keyPath: string, value: unknown) =>
    client.command('config/write', {
      edits: [
        { keyPath: 'review_model', value: 'x' },
        { keyPath, value },
      ],
    })
  await expect(write('sandbox_mode', 'nonsense')).rejects.toMatchObject({
    data: { name: 'invalidParams', facts: { configCode: 'configValidationError' } },
  })
  const hidden = write('model_providers.other.experimental_bearer_token', '[not shown]')
  await expect(hidden).rejects.toMatchObject({ data: { name: 'invalidParams' } })
  expect(readFileSync(file, 'utf8')).toBe(before)
})

it('[CAT6] a home that is none of the hub is refused, and so are a session and a home at once', async () => {
  await expect(client.request('config/read', { home: '/somewhere/else' })).rejects.toMatchObject({
    data: { name: 'notFound', facts: { homes: [test.codex.home] } },
  })
  await expect(
    client.request('config/read', { home: test.codex.home, sessionId: 'ses_none' }),
  ).rejects.toMatchObject({ data: { name: 'invalidParams' } })
  const { config } = await client.request('config/read', { home: test.codex.home })
  expect(config.model).toBe('mock-model')
})

it('[CAT10] questions about a home leave no process behind', async () => {
  await client.request('config/read', {})
  const { processes } = await client.request('hub/status', {})
  expect(processes).toHaveLength(1)
  await test.restart()
  client = test.client('again')
  expect(
    (await client.request('hub/status', {})).processes.every(({ sessionId }) => sessionId === null),
  ).toBe(true)
  await client.request('config/read', {})
  expect((await client.request('hub/status', {})).processes).toHaveLength(1)
})
