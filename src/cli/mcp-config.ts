/** The configuration files of MCP clients, with the hub put into them. Pure: texts in, texts out. */

/** How a client reaches the hub. */
export type Server =
  | {
      readonly command: string
      readonly args: readonly string[]
      readonly env: Readonly<Record<string, string>>
    }
  | { readonly url: string; readonly token: string }

export const SERVER_NAME = 'hub'

/** Codex's `config.toml`, with the section of the hub in the place of the one before, or at the end. */
export function inCodexConfig(text: string, server: Server): string {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n')
  const isHeader = (line: string): boolean => /^\s*\[/.test(line)
  const isOurs = (line: string): boolean =>
    new RegExp(`^\\s*\\[\\s*mcp_servers\\s*\\.\\s*"?${SERVER_NAME}"?\\s*[.\\]]`).test(line)
  const kept: string[] = []
  let at: number | null = null
  let isInside = false
  for (const line of lines) {
    if (isHeader(line)) isInside = isOurs(line)
    if (isInside) at ??= kept.length
    else kept.push(line)
  }
  const section = codexSection(server)
  if (at === null) {
    const gap = kept.length > 0 && kept.at(-1) !== '' ? [''] : []
    return `${[...kept, ...gap, ...section].join('\n')}\n`
  }
  const after = kept.slice(at)
  return `${[...kept.slice(0, at), ...section, ...(after.length > 0 ? ['', ...after] : [])].join('\n')}\n`
}

function codexSection(server: Server): string[] {
  const head = `[mcp_servers.${SERVER_NAME}]`
  // A wait may take this long before it says that it goes on.
  const limit = 'tool_timeout_sec = 3700'
  if ('url' in server) {
    const authorization = toml(`Bearer ${server.token}`)
    return [head, `url = ${toml(server.url)}`, `http_headers = { Authorization = ${authorization} }`, limit]
  }
  const env = Object.entries(server.env).map(([name, value]) => `${name} = ${toml(value)}`)
  return [
    head,
    `command = ${toml(server.command)}`,
    `args = [${server.args.map(toml).join(', ')}]`,
    ...(env.length === 0 ? [] : [`env = { ${env.join(', ')} }`]),
    limit,
  ]
}

/** A basic string of TOML: JSON's escapes are among its own. */
const toml = (text: string): string => JSON.stringify(text)

/** Claude Code's user configuration, with the hub among its servers. @throws SyntaxError for what is no JSON object */
export function inClaudeConfig(text: string, server: Server): string {
  const config: unknown = text.trim() === '' ? {} : JSON.parse(text)
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw new SyntaxError('it does not hold one JSON object')
  }
  const { mcpServers = {} } = config as { mcpServers?: Record<string, unknown> }
  const entry =
    'url' in server
      ? { type: 'http', url: server.url, headers: { Authorization: `Bearer ${server.token}` } }
      : { type: 'stdio', command: server.command, args: server.args, env: server.env }
  return `${JSON.stringify({ ...config, mcpServers: { ...mcpServers, [SERVER_NAME]: entry } }, null, 2)}\n`
}

/** The lines that go and those that come, with no more of the rest than where they stand. */
export function changeText(before: string, after: string): string {
  const [old, fresh] = [before.split('\n'), after.split('\n')]
  let start = 0
  while (start < old.length && start < fresh.length && old[start] === fresh[start]) start += 1
  let end = 0
  while (
    end < old.length - start &&
    end < fresh.length - start &&
    old[old.length - 1 - end] === fresh[fresh.length - 1 - end]
  )
    end += 1
  const gone = old.slice(start, old.length - end).map((line) => `- ${line}`)
  const come = fresh.slice(start, fresh.length - end).map((line) => `+ ${line}`)
  return [`@@ line ${start + 1} @@`, ...gone, ...come].join('\n')
}
