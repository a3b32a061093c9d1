/** What Codex has around sessions, asked of the real Codex; no account is needed for any of it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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

describe.runIf(since('0.142.0'))('lists', () => {
  it('[CAT7] permission profiles, modes and features are listed, and a feature is switched in the configuration', async () => {
    const { profiles } = await client.request('permissionProfile/list', { cwd: test.codex.project })
    expect(profiles.map(({ id }) => id)).toContain(':workspace')
    const { modes } = await client.request('collaborationMode/list', {})
    expect(modes.map(({ mode }) => mode)).toEqual(['plan', 'default'])
    expect((await cli('permission-profiles')).stdout).toMatch(/^:workspace$/m)
    expect((await cli('modes')).stdout).toMatch(/^plan +Plan/m)
    const feature = async () =>
      (await client.request('feature/list', {})).features.find(({ name }) => name === 'memories')
    const before = await feature()
    expect(before).toMatchObject({ name: 'memories', enabled: false, defaultEnabled: false })
    const done = await client.command('feature/enable', { name: 'memories', enabled: true })
    expect(done).toEqual({ enabled: true, inForce: true })
    expect((await feature())?.enabled).toBe(true)
    expect((await cli('features', '--all', '--disable', 'memories')).stdout).toBe('memories is off.')
    const written = readFileSync(join(test.codex.home, 'config.toml'), 'utf8')
    await expect(client.command('feature/enable', { name: 'memory', enabled: true })).rejects.toMatchObject({
      data: { name: 'invalidParams', facts: { name: 'memory' } },
    })
    expect(readFileSync(join(test.codex.home, 'config.toml'), 'utf8')).toBe(written)
  })

  it('[CAT8] hooks and plugins are listed by folder; one folder has none', async () => {
    const { folders } = await client.request('hook/list', { cwds: [test.codex.project] })
    expect(folders).toEqual([{ cwd: test.codex.project, hooks: [], warnings: [], errors: [] }])
    const codexFolder = join(test.codex.project, '.codex')
    mkdirSync(codexFolder, { recursive: true })
    expect(await client.request('plugin/list', { cwds: [test.codex.project] })).toEqual({
      plugins: [],
      errors: [],
    })
    expect(await client.request('app/list', {})).toEqual({ apps: [] })
    expect((await cli('apps')).stdout).toContain('No apps')
    expect((await cli('plugins')).stdout).toBe('No plugins.')
  })

  it('[CAT8] a hook is told with what it runs and whether it is trusted, a plugin with where it comes from', async () => {
    const { home, project } = test.codex
    const runs = { type: 'command', command: 'echo hi' }
    const hooks = { PreToolUse: [{ matcher: 'shell', hooks: [runs] }] }
    writeFileSync(join(home, 'hooks.json'), JSON.stringify({ hooks }))
    const { folders } = await client.request('hook/list', { cwds: [project] })
    expect(folders[0]?.hooks).toMatchObject([
      {
        event: 'preToolUse',
        matcher: 'shell',
        runs: 'echo hi',
        source: 'user',
        enabled: true,
        trust: 'untrusted',
      },
    ])
    expect((await cli('hooks', '--cwd', project)).stdout).toMatch(/preToolUse +shell +untrusted +echo hi$/)
    const marketplace = join(project, '.agents', 'plugins')
    const plugin = join(marketplace, 'tidy', '.codex-plugin')
    mkdirSync(plugin, { recursive: true })
    const source = { source: 'local', path: './.agents/plugins/tidy' }
    const policy = { installation: 'AVAILABLE', authentication: 'ON_INSTALL' }
    const plugins = [{ name: 'tidy', source, policy, category: 'Productivity' }]
    writeFileSync(join(marketplace, 'marketplace.json'), JSON.stringify({ name: 'local', plugins }))
    const shown = { displayName: 'Tidy', shortDescription: 'Tidies up.' }
    writeFileSync(
      join(plugin, 'plugin.json'),
      JSON.stringify({ name: 'tidy', version: '1.0.0', description: 'Tidies.', interface: shown }),
    )
    const listed = await client.request('plugin/list', { cwds: [project] })
    expect(listed.plugins).toMatchObject([
      { id: 'tidy@local', name: 'Tidy', marketplace: 'local', description: 'Tidies up.', installed: false },
    ])
    expect((await cli('plugins', '--cwd', project)).stdout).toMatch(
      /^tidy@local +not installed +Tidy +Tidies up\.$/,
    )
  })

  it('[CAT9] what this Codex lacks is refused with its method; what it has is answered', async () => {
    const asked = client.request('modelProvider/list', {})
    if (since('0.160.0')) {
      expect((await asked).providers.find(({ isDefault }) => isDefault)).toMatchObject({ id: 'mock' })
      expect((await cli('providers')).stdout).toMatch(/^mock +\S+ \(default\) +http:/m)
    } else {
      await expect(asked).rejects.toMatchObject({
        data: { name: 'unsupported', facts: { method: 'modelProvider/list' } },
      })
    }
  })
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
