/** An agent for tests: the official SDK's client on the bridge, run as MCP clients run it. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import type { Step } from '../../src/demo/answer.ts'
import type { ModelRequest } from '../../src/demo/model-request.ts'
import { Bridge, ERROR_KEY } from '../../src/mcp/bridge.ts'
import { HubLink } from '../../src/mcp/hub-link.ts'
import type { Grant } from '../../src/protocol/agent.ts'

// biome-ignore lint/suspicious/noExplicitAny: what a tool answers is for the test to judge
export type Loose = any

export interface Agent {
  readonly client: Client
  /** Call a tool. @returns its structured result. @throws when it failed */
  use(tool: string, args?: Record<string, unknown>): Promise<Loose>
  /** Call a tool that is expected to fail. @returns its error */
  fail(tool: string, args?: Record<string, unknown>): Promise<Loose>
  close(): Promise<void>
}

export async function stdioAgent(
  folder: string,
  args: readonly string[] = [],
  before: readonly string[] = [],
): Promise<Agent> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: ['src/cli/main.ts', ...before, 'mcp', ...args],
    env: { ...(process.env as Record<string, string>), CODEX_HUB_HOME: folder },
    stderr: 'inherit',
  })
  return agentOn(transport)
}

/** The bridge in this process, for what concerns neither the transport nor the process. */
export async function bridgeAgent(
  { url, token }: { readonly url: string; readonly token: string },
  name = 'agent',
  grants: Grant[] = [],
): Promise<Agent> {
  const link = new HubLink({
    address: () => ({ url, token }),
    client: { id: `id-${name}`, name },
    agent: { name, grants },
  })
  const bridge = new Bridge({ link, version: '0.0.0', cwd: null })
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  void bridge.serve(ours).finally(() => link.close())
  return agentOn(theirs)
}

export async function agentOn(transport: Transport): Promise<Agent> {
  const client = new Client({ name: 'test agent', version: '1.0.0' })
  await client.connect(transport)
  // What each tool promises is held against what it answers.
  await client.listTools()
  const call = (name: string, args: Record<string, unknown>) =>
    client.callTool({ name, arguments: args }) as Promise<CallToolResult>
  return {
    client,
    async use(tool, args = {}) {
      const result = await call(tool, args)
      if (result.isError) throw new Error(`${tool}: ${JSON.stringify(result.content)}`)
      return result.structuredContent as Loose
    },
    async fail(tool, args = {}) {
      const result = await call(tool, args)
      if (!result.isError)
        throw new Error(`${tool} did not fail: ${JSON.stringify(result.structuredContent)}`)
      return result._meta?.[ERROR_KEY]
    },
    close: () => client.close(),
  }
}

/** Asks to run a command outside of the sandbox, by the tool of the release at hand. */
export function asksToRun({ toolNames }: ModelRequest, cmd: string): Step {
  const why = { sandbox_permissions: 'require_escalated', justification: 'to see' }
  return toolNames.includes('exec_command')
    ? { call: 'exec_command', args: { cmd, ...why } }
    : { call: 'shell', args: { command: ['bash', '-lc', cmd], with_escalated_permissions: true, ...why } }
}
