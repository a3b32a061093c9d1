/** `codex-hub mcp`: the bridge by which other agents use the hub. */
import { hostname, userInfo } from 'node:os'
import type { Command } from 'commander'
import { serveStdio } from '../../mcp/stdio.ts'
import type { Run } from '../run.ts'
import { VERSION } from '../version.ts'

export function addMcp(program: Command, run: Run): void {
  program
    .command('mcp')
    .description('serve the hub to an agent as an MCP server, over stdin and stdout')
    .addHelpText('after', '\nExample:\n  codex mcp add hub -- codex-hub mcp')
    .action(
      run(async (context) => {
        await serveStdio({
          address: () => context.address(),
          client: { id: `mcp-${userInfo().username}@${hostname()}`, name: 'an agent', version: VERSION },
          cwd: process.cwd(),
        })
      }),
    )
}
