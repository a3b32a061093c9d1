/** `codex-hub mcp list | allow | token | revoke | restore`: who may come in, and what they may do. */
import { createHash, randomBytes } from 'node:crypto'
import type { Command } from 'commander'
import type { Grant } from '../../protocol/agent.ts'
import { CliError, EXIT } from '../exit.ts'
import { addPlaceOptions, agentName, type GrantOptions, grantsOf, grantsText, readScopes } from '../grants.ts'
import type { Run } from '../run.ts'
import { ago, paint, table } from '../text.ts'

interface AllowOptions extends Omit<GrantOptions, 'allow'> {
  readonly reset?: boolean
}

export function addAgents(mcp: Command, run: Run): void {
  mcp
    .command('list')
    .description('the agents this hub knows, and what each may do')
    .addHelpText('after', '\nExample:\n  codex-hub mcp list')
    .action(
      run(async (context) => {
        const hub = await context.hub()
        const known = await hub.request('agent/list', {})
        const { agents, closedAt } = known
        const rows = agents.map((agent) => [
          agent.name,
          agent.revokedAt === null
            ? grantsText(agent)
            : paint('red', `locked out ${ago(agent.revokedAt)} ago`),
          agent.hasToken ? 'has a token' : '',
        ])
        const closed =
          closedAt === null ? [] : [paint('red', 'All agents are locked out: codex-hub mcp restore --all')]
        context.print(known, () =>
          [...closed, rows.length === 0 ? 'No agent has come yet.' : table(rows)].join('\n'),
        )
      }),
    )
  addPlaceOptions(
    mcp
      .command('allow')
      .argument('<agent>', 'its name', agentName)
      .argument('[scopes]', 'operate, approve, unsandboxed, with commas between', readScopes)
      .description('grant an agent more than reading everything and operating its own sessions')
      .option('--reset', 'forget what it was granted before'),
  )
    .addHelpText(
      'after',
      '\nExamples:\n  codex-hub mcp allow codex operate --project ~/work\n  codex-hub mcp allow claude operate,approve --session ses_…\n  codex-hub mcp allow claude --reset',
    )
    .action(
      run(async (context, options: AllowOptions, name: string, allow: Grant['scope'][] | undefined) => {
        const hub = await context.hub()
        const known = (await hub.request('agent/list', {})).agents.find((agent) => agent.name === name)
        const before = options.reset ? [] : (known?.grants ?? [])
        const grants = [...before, ...grantsOf({ ...options, allow: allow ?? [] })]
        const { agent } = await context.command('agent/allow', { name, grants })
        context.print(agent, () => `${agent.name}: ${grantsText(agent)}`)
      }),
    )
  mcp
    .command('token')
    .argument('<agent>', 'its name', agentName)
    .description('make a token for an agent, good for /mcp of this hub and nothing else; the one before ends')
    .addHelpText('after', '\nExample:\n  codex-hub mcp token claude')
    .action(
      run(async (context, _options: object, name: string) => {
        const { token, tokenDigest } = newToken()
        const { agent } = await context.command('agent/allow', { name, tokenDigest })
        // Shown once: the hub keeps its digest only.
        context.print({ agent, token }, () => token)
      }),
    )
  addLock(mcp, run, 'revoke', 'lock an agent out at once, and end its connections')
  addLock(mcp, run, 'restore', 'let an agent in again')
}

function addLock(mcp: Command, run: Run, verb: 'revoke' | 'restore', description: string): void {
  mcp
    .command(verb)
    .argument('[agent]', 'its name', agentName)
    .description(description)
    .option('--all', 'all agents, also those nobody has seen yet')
    .addHelpText('after', `\nExamples:\n  codex-hub mcp ${verb} codex\n  codex-hub mcp ${verb} --all`)
    .action(
      run(async (context, { all }: { all?: boolean }, name: string | undefined) => {
        if ((name === undefined) !== (all === true)) {
          throw new CliError('Name an agent, or give --all.', EXIT.usage)
        }
        const answer = await context.command(`agent/${verb}`, { name })
        const who = name ?? 'All agents'
        context.print(answer, () =>
          verb === 'restore'
            ? `${who}: let in again.`
            : `${who}: locked out. "codex-hub mcp restore ${name ?? '--all'}" undoes it.`,
        )
      }),
    )
}

/** A token, and what the hub is told of it. */
export function newToken(): { token: string; tokenDigest: string } {
  const token = randomBytes(32).toString('base64url')
  return { token, tokenDigest: createHash('sha256').update(token).digest('hex') }
}
