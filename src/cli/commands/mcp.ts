/** `codex-hub mcp`: the bridge by which other agents use the hub. */
import { hostname, userInfo } from 'node:os'
import { type Command, InvalidArgumentError } from 'commander'
import { readStartToken } from '../../base/process-identity.ts'
import { serveStdio } from '../../mcp/stdio.ts'
import { agentNameSchema, type Grant, grantSchema } from '../../protocol/agent.ts'
import { collect, type Run } from '../run.ts'
import { VERSION } from '../version.ts'

interface GrantOptions {
  readonly allow?: Grant['scope'][]
  readonly project?: string[]
  readonly session?: string[]
}

interface ServeOptions extends GrantOptions {
  readonly agent: string
}

export function addMcp(program: Command, run: Run): void {
  program
    .command('mcp')
    .description('serve the hub to an agent as an MCP server, over stdin and stdout')
    .option('--agent <name>', 'by what name the hub knows this agent', agentName, 'agent')
    .option('--allow <scopes>', 'grant more than its own sessions: operate, approve, unsandboxed', scopes)
    .option('--project <folder>', '... only for sessions in this folder; may be repeated', collect)
    .option('--session <id>', '... only for this session; may be repeated', collect)
    .addHelpText(
      'after',
      '\nExamples:\n  codex mcp add hub -- codex-hub mcp --agent codex\n  claude mcp add hub -- codex-hub mcp --agent claude\n  codex-hub mcp --agent ci --allow operate,approve --project ~/work',
    )
    .action(
      run(async (context, options: ServeOptions) => {
        const { agent } = options
        const startToken = await readStartToken(process.pid)
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
}

/** Every scope for every place that is named, or for all. */
function grantsOf({ allow = [], project = [], session = [] }: GrantOptions): Grant[] {
  const places = [
    ...project.map((path) => ({ project: path })),
    ...session.map((sessionId) => ({ sessionId })),
  ]
  return allow.flatMap((scope) => (places.length === 0 ? [{}] : places).map((place) => ({ scope, ...place })))
}

function agentName(text: string): string {
  const parsed = agentNameSchema.safeParse(text)
  if (parsed.success) return parsed.data
  throw new InvalidArgumentError('A name has letters, digits, ".", "@", "_" and "-".')
}

function scopes(text: string): Grant['scope'][] {
  return text.split(',').map((name) => {
    const parsed = grantSchema.shape.scope.safeParse(name.trim())
    if (parsed.success) return parsed.data
    throw new InvalidArgumentError(
      'Any of operate, approve and unsandboxed is expected, with commas between.',
    )
  })
}
