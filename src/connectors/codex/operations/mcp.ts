/** MCP servers: how they are, what they offer, and loading their configuration anew. */
import type { McpServer, McpStartup, McpState } from '../../../protocol/mcp-server.ts'
import { asFields, asList, asText, type Fields } from '../decode.ts'
import type { CodexLine, ThreadLine } from '../requests.ts'
import { isAtLeast } from '../version.ts'
import { readConfig } from './config.ts'
import { need, readPages } from './need.ts'
import { withoutSecrets } from './secrets.ts'

/** Codex connects to servers to list their tools; one that does not answer takes its own timeout. */
const LIST_MS = 90_000

/** A thread that the line's process has open, and what is known of it. */
export interface McpThread {
  readonly threadId: string
  readonly cwd: string | null
  readonly codexVersion: string | null
  /** Servers that were told of: those of plugins stand in no configuration. */
  readonly told: readonly string[]
}

/**
 * @param thread its own connections are looked at, and no server is started for it, where Codex can be asked for one server
 * by its name; otherwise, and without a thread, Codex starts them all to ask them. @throws ConnectorError
 */
export async function listMcpServers(line: CodexLine, thread: McpThread | null): Promise<McpServer[]> {
  need(line, 'mcpServerStatus/list')
  if (thread && canAskByName(thread)) return askEach(line, thread)
  const entries = await readPages((page) =>
    line.ask(
      'mcpServerStatus/list',
      { ...page, limit: 100, ...(thread === null ? {} : { threadId: thread.threadId }) },
      LIST_MS,
    ),
  )
  return entries.flatMap((entry) => readServer(asFields(entry)) ?? [])
}

/** Before, a question for one server starts all of them once more (0.142). */
const ASKS_BY_NAME_SINCE = '0.160.0'

function canAskByName({ codexVersion }: Pick<McpThread, 'codexVersion'>): boolean {
  return codexVersion !== null && isAtLeast(codexVersion, ASKS_BY_NAME_SINCE)
}

/** Asked by name, Codex looks at the thread's own connection. A server the thread has not taken up yet has none. */
async function askEach(line: CodexLine, { threadId, cwd, told }: McpThread): Promise<McpServer[]> {
  const { config } = await readConfig(line, cwd)
  const names = new Set([...Object.keys(asFields(config.mcp_servers) ?? {}), ...told])
  return Promise.all(
    [...names].toSorted().map(async (name) => {
      const answer = await line.ask('mcpServerStatus/list', { threadId, serverName: name }, LIST_MS)
      return readServer(asFields(asList(asFields(answer)?.data)[0])) ?? untaken(name)
    }),
  )
}

function untaken(name: string): McpServer {
  const nothing = { error: null, tools: [], resources: 0, version: null, origin: null }
  return { name, state: 'unknown', auth: 'unknown', ...nothing }
}

/** Read the configuration of the servers again; threads take it up with their next turn. @throws ConnectorError */
export async function reloadMcpServers(line: CodexLine): Promise<void> {
  need(line, 'config/mcpServer/reload')
  await line.ask('config/mcpServer/reload', undefined)
}

const STARTUP_MS = 10_000

/**
 * How the servers of a thread are that was opened before we came: Codex told while it started them, and tells nobody
 * again. None is started for it: asked by name, Codex looks at the thread's own connection. Where it cannot, they are
 * `unknown`. Servers that are not in the configuration (those of plugins) stay untold. @throws ConnectorError
 */
export async function readMcpStartups(
  line: ThreadLine,
  { cwd, codexVersion }: { readonly cwd: string | null; readonly codexVersion: string | null },
): Promise<McpStartup[]> {
  const { config } = await readConfig(line, cwd)
  const names = Object.entries(asFields(config.mcp_servers) ?? {}).flatMap(([name, server]) =>
    asFields(server)?.enabled === false ? [] : [name],
  )
  const canAsk = canAskByName({ codexVersion })
  return Promise.all(
    names.map(async (serverName): Promise<McpStartup> => {
      const params = { threadId: line.threadId, serverName, detail: 'toolsAndAuthOnly' } as const
      const answer = canAsk
        ? await line.ask('mcpServerStatus/list', params, STARTUP_MS).catch(() => null)
        : null
      const server = readServer(asFields(asList(asFields(answer)?.data)[0]))
      const { state, error } = server ?? { state: 'unknown' as const, error: null }
      return { name: serverName.slice(0, 200), state, error: error?.slice(0, ERROR_UNITS) ?? null }
    }),
  )
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
