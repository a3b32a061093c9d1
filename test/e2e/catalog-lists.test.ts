/** What the real Codex has to choose from: profiles, modes, features, hooks, plugins, apps and providers. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HubClient } from '../../src/client/client.ts'
import { isAtLeast } from '../../src/connectors/codex/version.ts'
import { cliOf } from '../cli/run-cli.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { versionOfTestCodex } from '../harness/test-codex.ts'

const version = await versionOfTestCodex()
const since = (release: string) => isAtLeast(version, release)

let test: TestHub
let client: HubClient
let cli: ReturnType<typeof cliOf>

beforeAll(async () => {
  test = await makeHub({ script: () => [{ say: 'heard' }] })
  client = test.client('laptop')
  cli = cliOf(test.folder)
})
afterAll(() => test.close())

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
