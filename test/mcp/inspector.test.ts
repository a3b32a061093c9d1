/** A client nobody here wrote: the MCP Inspector's command line, over both transports. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Script } from '../../src/demo/scripted-model.ts'
import { HttpDoor } from '../../src/mcp/http-door.ts'
import { TOOLS } from '../../src/mcp/tools/all.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import type { Loose } from './agent.ts'

const INSPECTOR = 'node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js'
const script: Script = () => [{ say: 'fine' }]

describe('the MCP Inspector', () => {
  let test: TestHub
  let home: string

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'inspector-'))
    test = await makeHub({
      script,
      hub: { makeAgentDoor: (address) => new HttpDoor({ address, version: '0.0.0' }) },
    })
  })
  afterAll(async () => {
    await test.close()
    rmSync(home, { recursive: true, force: true })
  })

  async function inspect(to: readonly string[], ...args: string[]): Promise<Loose> {
    const { stdout } = await execa(process.execPath, [INSPECTOR, '--cli', ...to, ...args], {
      env: { HOME: home, CODEX_HUB_HOME: test.folder },
    })
    return JSON.parse(stdout)
  }
  const stdio = () => [process.execPath, 'src/cli/main.ts', 'mcp', '-e', `CODEX_HUB_HOME=${test.folder}`]
  const http = () => [
    `${test.hub.url}/mcp`,
    '--transport',
    'http',
    '--header',
    `Authorization: Bearer ${test.hub.token}`,
  ]

  const ways = [
    ['stdio', stdio],
    ['http', http],
  ] as const

  it.each(ways)('[MCP22] the Inspector finds no fault in the tools, over %s', async (_name, to) => {
    const { tools } = await inspect(to(), '--method', 'tools/list', '--strict')
    expect(tools.map(({ name }: Loose) => name)).toEqual(TOOLS.map(({ name }) => name))
  })

  it.each(ways)('[MCP22] the Inspector calls a tool, over %s', async (_name, to) => {
    const call = ['--method', 'tools/call', '--tool-name', 'create_session', '--tool-arg']
    const made = await inspect(to(), ...call, `cwd=${test.codex.project}`, 'prompt=hello')
    expect(made.structuredContent).toMatchObject({ outcome: 'turnEnded', untrusted: { reply: 'fine' } })
  })

  it.each(ways)('[MCP22] the Inspector reads a resource and lists prompts, over %s', async (_name, to) => {
    const uri = 'codex-hub://sessions'
    const { contents } = await inspect(to(), '--method', 'resources/read', '--uri', uri)
    expect(contents[0].text).toContain('fine')
    const { prompts } = await inspect(to(), '--method', 'prompts/list')
    expect(prompts).toHaveLength(2)
  })
})
