/** `codex-hub mcp-servers`: the MCP servers Codex works with. */
import type { Command } from 'commander'
import type { McpServer, McpState } from '../../protocol/mcp-server.ts'
import type { Run } from '../run.ts'
import { oneLine, paint, safe, table } from '../text.ts'
import { followLogin } from './login.ts'
import { ASK_MS, type PlaceOptions, placeOf, withPlace } from './place-options.ts'

interface McpOptions extends PlaceOptions {
  readonly reload?: boolean
  readonly tools?: boolean
  readonly login?: string
  readonly open?: boolean
}

export function addMcpServers(program: Command, run: Run): void {
  withPlace(program.command('mcp-servers'))
    .description('the MCP servers of Codex: how they are, and their tools')
    .option('-t, --tools', 'name every tool')
    .option('-l, --login <server>', 'log in to one that needs it; prints the link and waits')
    .option('-o, --open', 'with --login: open the link in the browser')
    .option('-r, --reload', 'let Codex read their configuration again first')
    .addHelpText(
      'after',
      '\nExamples:\n  codex-hub mcp-servers --tools\n  codex-hub mcp-servers --session Tests --reload',
    )
    .action(
      run(async (context, options: McpOptions) => {
        const place = await placeOf(context, options)
        if (options.login !== undefined) {
          const { job } = await context.command('mcpServer/login', { ...place, server: options.login })
          await followLogin(context, job, options.open === true)
          return
        }
        if (options.reload) await context.command('mcpServer/reload', place)
        const hub = await context.hub()
        const { servers } = await hub.request('mcpServer/list', place, { timeoutMs: ASK_MS })
        context.print(servers, () => textOf(servers, options.tools === true))
      }),
    )
}

const COLOURS: Partial<Record<McpState, 'green' | 'red' | 'yellow'>> = {
  ready: 'green',
  failed: 'red',
  needsLogin: 'yellow',
}

function textOf(servers: readonly McpServer[], withTools: boolean): string {
  if (servers.length === 0) return 'Codex has no MCP servers; "codex mcp add" configures one.'
  const rows = servers.map(({ name, state, tools, error, auth }) => {
    const colour = COLOURS[state]
    const count = `${tools.length} ${tools.length === 1 ? 'tool' : 'tools'}`
    return [
      paint('bold', safe(name)),
      colour === undefined ? state : paint(colour, state),
      count,
      error === null ? paint('dim', safe(auth)) : oneLine(error, 100),
    ]
  })
  if (!withTools) return table(rows)
  return servers
    .map(({ tools }, at) => {
      const named = tools.map(({ name, description }) => [
        `  ${safe(name)}`,
        paint('dim', oneLine(description, 80)),
      ])
      return [table([rows[at] ?? []]), ...(named.length === 0 ? [] : [table(named)])].join('\n')
    })
    .join('\n')
}
