/** `codex-hub mcp`: the bridge by which other agents use the hub. */
import { hostname, userInfo } from 'node:os'
import type { Command } from 'commander'
import { readStartToken } from '../../base/process-identity.ts'
import { addGrantOptions, agentName, type GrantOptions, grantsOf } from '../grants.ts'
import type { Run } from '../run.ts'
import { VERSION } from '../version.ts'
import { addAgents } from './mcp-agents.ts'
import { addInstall } from './mcp-install.ts'

interface ServeOptions extends GrantOptions {
  readonly agent: string
}

const EXAMPLES =
  '\nExamples:\n  codex-hub mcp install --codex\n  codex-hub mcp --agent ci --allow operate,approve --project ~/work\n  codex-hub mcp revoke ci'

export function addMcp(program: Command, run: Run): void {
  // **Invariant:** it has no options of its own. `mcp allow x operate --project p` would lose its place to one of the same
  // name here, and be a grant for everything.
  const mcp = program
    .command('mcp')
    .description('serve the hub to an agent as an MCP server, and decide about agents')
    .addHelpText('after', EXAMPLES)
  const serve = mcp
    .command('serve', { isDefault: true })
    .description('serve the hub to an agent over stdin and stdout (the default)')
    .option('--agent <name>', 'by what name the hub knows this agent', agentName, 'agent')
  addGrantOptions(serve)
    .addHelpText('after', EXAMPLES)
    .action(
      run(async (context, options: ServeOptions) => {
        const { agent } = options
        const startToken = await readStartToken(process.pid)
        // Loaded here alone: no other command speaks MCP.
        const { serveStdio } = await import('../../mcp/stdio.ts')
        await serveStdio({
          address: () => context.address(),
          client: { id: `mcp-${agent}-${userInfo().username}@${hostname()}`, name: agent, version: VERSION },
          agent: {
            name: agent,
            grants: grantsOf(options),
            ...(startToken === null ? {} : { process: { pid: process.pid, startToken } }),
          },
          version: VERSION,
          cwd: process.cwd(),
        })
      }),
    )
  addInstall(mcp, run)
  addAgents(mcp, run)
}
