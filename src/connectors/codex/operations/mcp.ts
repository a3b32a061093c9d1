/** MCP servers: how they are, what they offer, and loading their configuration anew. */
import type { McpServer, McpStartup, McpState } from '../../../protocol/mcp-server.ts'
import { asFields, asList, asText, type Fields } from '../decode.ts'
import type { CodexLine } from '../requests.ts'
import { need, readPages } from './need.ts'
import { withoutSecrets } from './secrets.ts'

/** Codex connects to servers to list their tools; one that does not answer takes its own timeout. */
const LIST_MS = 90_000

/** @param threadId a thread that the line's process has open; its connections are looked at then. @throws ConnectorError */
export async function listMcpServers(line: CodexLine, threadId: string | null): Promise<McpServer[]> {
  need(line, 'mcpServerStatus/list')
  const entries = await readPages((page) =>
    line.ask(
      'mcpServerStatus/list',
      { ...page, limit: 100, ...(threadId === null ? {} : { threadId }) },
      LIST_MS,
    ),
  )
  return entries.flatMap((entry) => readServer(asFields(entry)) ?? [])
}

/** Read the configuration of the servers again; threads take it up with their next turn. @throws ConnectorError */
export async function reloadMcpServers(line: CodexLine): Promise<void> {
  need(line, 'config/mcpServer/reload')
  await line.ask('config/mcpServer/reload', undefined)
}

const STARTUP: Record<string, McpState> = {
  starting: 'starting',
  ready: 'ready',
  failed: 'failed',
  cancelled: 'cancelled',
}
/** A failing server may quote a whole page. UTF-16 units. */
const ERROR_UNITS = 500

/** What Codex tells of a server while it starts. */
export function startupOf(fields: Fields): McpStartup | null {
  const name = asText(fields.name)
  const state = STARTUP[asText(fields.status) ?? '']
  if (name === null || state === undefined) return null
  const needsLogin = state === 'failed' && fields.failureReason === 'reauthenticationRequired'
  // An address that failed is quoted whole, and may carry a key.
  const error = asText(withoutSecrets(fields.error))?.slice(0, ERROR_UNITS) ?? null
  return { name: name.slice(0, 200), state: needsLogin ? 'needsLogin' : state, error }
}

function readServer(fields: Fields | null): McpServer | null {
  const name = asText(fields?.name)
  if (!fields || name === null) return null
  const tools = Object.entries(asFields(fields.tools) ?? {}).map(([key, value]) => {
    const tool = asFields(value) ?? {}
    return {
      name: asText(tool.name) ?? key,
      title: asText(tool.title),
      description: asText(tool.description) ?? '',
    }
  })
  const auth = asText(fields.authStatus) ?? 'unknown'
  const error = asText(withoutSecrets(fields.toolsError))
  return {
    name,
    state: stateOf(fields, {
      auth,
      error,
      isReached: tools.length > 0 || asFields(fields.serverInfo) !== null,
    }),
    error,
    auth,
    tools: tools.sort((a, b) => a.name.localeCompare(b.name)),
    resources: asList(fields.resources).length,
    version: asText(asFields(fields.serverInfo)?.version),
    origin: asText(fields.httpOrigin),
  }
}

const RUNTIME: Record<string, McpState> = {
  notStarted: 'unknown',
  starting: 'starting',
  connected: 'ready',
  authenticationRequired: 'needsLogin',
  failed: 'failed',
  cancelled: 'cancelled',
  disabled: 'disabled',
}

/** The thread's own connection says it, where there is one (0.169); else what came of listing the tools. */
function stateOf(
  fields: Fields,
  { auth, error, isReached }: { auth: string; error: string | null; isReached: boolean },
): McpState {
  const runtime = RUNTIME[asText(fields.runtimeStatus) ?? '']
  if (auth === 'notLoggedIn' && runtime !== 'ready') return 'needsLogin'
  if (runtime !== undefined && runtime !== 'unknown') return runtime
  if (error !== null) return 'failed'
  return isReached ? 'ready' : 'unknown'
}
