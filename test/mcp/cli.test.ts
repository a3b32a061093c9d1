/** The commands by which a person puts the hub into MCP clients and decides about agents. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inClaudeConfig, inCodexConfig } from '../../src/cli/mcp-config.ts'
import { startCli } from '../cli/run-cli.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { TEST_CODEX } from '../harness/test-codex.ts'
import { stdioAgent } from './agent.ts'

const STDIO = { command: '/bin/hub', args: ['mcp', '--agent', 'codex'], env: {} }

describe('agents on the command line', () => {
  let test: TestHub
  let home: string

  beforeAll(async () => {
    test = await makeHub({ script: () => [{ say: 'fine' }] })
    home = mkdtempSync(join(tmpdir(), 'home-'))
  })
  afterAll(async () => {
    await test.close()
    rmSync(home, { recursive: true, force: true })
  })
  const cli = async (...args: string[]) => {
    const env = { CODEX_HOME: join(home, 'codex'), CLAUDE_CONFIG_DIR: home }
    const { exitCode, stdout, stderr } = await startCli(test.folder, args, env)
    return { exitCode, stdout: String(stdout), stderr: String(stderr) }
  }

  it('[MCP26] for Codex the section is put in the place of the one before, and everything else stays', () => {
    const before =
      '# mine\nmodel = "m"\n\n[mcp_servers.hub]\ncommand = "old"\n[mcp_servers.hub.env]\nA = "b"\n\n[tui]\nx = 1\n'
    const section =
      '[mcp_servers.hub]\ncommand = "/bin/hub"\nargs = ["mcp", "--agent", "codex"]\ntool_timeout_sec = 3700\n'
    expect(inCodexConfig(before, STDIO)).toBe(`# mine\nmodel = "m"\n\n${section}\n[tui]\nx = 1\n`)
    expect(inCodexConfig('model = "m"\n', STDIO)).toBe(`model = "m"\n\n${section}`)
    expect(inCodexConfig('', STDIO)).toBe(section)
    expect(inCodexConfig(inCodexConfig(before, STDIO), STDIO)).toBe(inCodexConfig(before, STDIO))
  })

  it('[MCP26] for Claude Code the server is put among the others', () => {
    const text = inClaudeConfig('{"theme":"dark","mcpServers":{"other":{"command":"x"}}}', STDIO)
    expect(JSON.parse(text)).toEqual({
      theme: 'dark',
      mcpServers: { other: { command: 'x' }, hub: { type: 'stdio', ...STDIO } },
    })
    expect(() => inClaudeConfig('[]', STDIO)).toThrow('one JSON object')
  })

  it('[MCP26] the change is shown and nothing written without consent; with it, Codex reads what was written', async () => {
    const file = join(home, 'codex', 'config.toml')
    mkdirSync(join(home, 'codex'))
    writeFileSync(file, 'model = "m"\n', { mode: 0o600 })
    const shown = await cli('mcp', 'install', '--codex')
    expect(shown).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('Nothing was written') })
    expect(shown.stdout).toContain('+ [mcp_servers.hub]')
    expect(readFileSync(file, 'utf8')).toBe('model = "m"\n')
    expect(await cli('mcp', 'install', '--codex', '--yes')).toMatchObject({ exitCode: 0 })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    if (TEST_CODEX === undefined) {
      const codex = join(process.cwd(), 'node_modules/.bin/codex')
      const env = { ...process.env, CODEX_HOME: join(home, 'codex') }
      const listed = JSON.parse(execFileSync(codex, ['mcp', 'list', '--json'], { env, encoding: 'utf8' }))
      expect(listed).toMatchObject([
        {
          name: 'hub',
          transport: {
            command: process.execPath,
            args: [join(process.cwd(), 'src/cli/main.ts'), 'mcp', '--agent', 'codex'],
            env: { CODEX_HUB_HOME: test.folder },
          },
        },
      ])
    }
    expect((await cli('mcp', 'install', '--codex', '--yes')).stdout).toContain('has this already')
    const granted = await cli(
      'mcp',
      'install',
      '--codex',
      '--agent',
      'other',
      '--allow',
      'operate',
      '--project',
      '/w',
    )
    expect(granted.stdout).toContain('"--agent", "other", "--allow", "operate", "--project", "/w"]')
  })

  it('[MCP27] over HTTP a token is made: it is in the file alone, works, and ends with the next', async () => {
    const made = await cli('mcp', 'install', '--claude', '--http', '--yes', '--json')
    const { mcpServers } = JSON.parse(readFileSync(join(home, '.claude.json'), 'utf8'))
    const token: string = mcpServers.hub.headers.Authorization.slice('Bearer '.length)
    expect(mcpServers.hub.url).toBe(`${test.hub.url}/mcp`)
    expect(made.stdout).not.toContain(token)
    const knock = (bearer: string) =>
      fetch(mcpServers.hub.url, { method: 'POST', headers: { authorization: `Bearer ${bearer}` } })
    // This hub serves no agents; what counts is that they are let in.
    expect((await knock(token)).status).toBe(404)
    const { stdout } = await cli('mcp', 'token', 'claude')
    expect((await knock(token)).status).toBe(401)
    expect((await knock(stdout.trim())).status).toBe(404)
  })

  it('[MCP27] grants are added, each for its place, and forgotten', async () => {
    const project = test.codex.project
    await cli('mcp', 'allow', 'ci', 'operate', '--project', project)
    const both = await cli('mcp', 'allow', 'ci', 'approve,operate', '--session', 'ses_1')
    expect(both.stdout).toBe(`ci: operate in ${project}, approve on ses_1, operate on ses_1`)
    expect((await cli('mcp', 'allow', 'ci', '--reset')).stdout).toBe('ci: its own sessions')
    const { agents } = await test.client('person').request('agent/list', {})
    expect(agents).toMatchObject([{ name: 'claude' }, { name: 'ci', grants: [] }])
  })

  it('[MCP27] agents are locked out and let in, and their calls listed', async () => {
    const agent = await stdioAgent(test.folder, ['--agent', 'ci'])
    await agent.use('hub_health')
    expect(await cli('mcp', 'revoke')).toMatchObject({ exitCode: 2 })
    expect(await cli('mcp', 'revoke', 'ci')).toMatchObject({ exitCode: 0 })
    expect(await agent.fail('hub_health')).toMatchObject({ name: 'refused' })
    expect((await cli('mcp', 'list')).stdout).toMatch(/ci +locked out/)
    await agent.close()
    const { stdout } = await cli('--json', 'audit', '--agent', 'ci')
    expect(JSON.parse(stdout)).toMatchObject([{ tool: 'hub_health', outcome: 'done' }])
  })
})
