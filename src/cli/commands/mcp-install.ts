/** `codex-hub mcp install`: puts the hub among the MCP servers of Codex or Claude Code, after showing the change. */
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { CliError, EXIT } from '../exit.ts'
import { addGrantOptions, agentName, type GrantOptions, grantArgs, grantsOf } from '../grants.ts'
import { changeText, inClaudeConfig, inCodexConfig, type Server } from '../mcp-config.ts'
import type { Run } from '../run.ts'
import { paint } from '../text.ts'
import { newToken } from './mcp-agents.ts'

interface InstallOptions extends GrantOptions {
  readonly codex?: boolean
  readonly claude?: boolean
  readonly http?: boolean
  readonly agent?: string
  readonly yes?: boolean
}

interface Target {
  readonly file: string
  readonly agent: string
  edit(text: string, server: Server): string
}

/** Stands for the token where people look. */
const HIDDEN = 'the new token of this agent'

export function addInstall(mcp: Command, run: Run): void {
  addGrantOptions(
    mcp
      .command('install')
      .description(
        'put the hub among the MCP servers of Codex or Claude Code; shows the change and asks first',
      )
      .option('--codex', "into Codex's config.toml (CODEX_HOME, or ~/.codex)")
      .option('--claude', "into Claude Code's ~/.claude.json")
      .option(
        '--http',
        'over HTTP, with a token of its own, instead of a process of its own for each session',
      )
      .option('--agent <name>', 'by what name the hub knows it (default: codex, claude)', agentName)
      .option('-y, --yes', 'do not ask'),
  )
    .addHelpText(
      'after',
      '\nExamples:\n  codex-hub mcp install --codex\n  codex-hub mcp install --claude --http\n  codex-hub mcp install --codex --allow operate --project ~/work --yes',
    )
    .action(run(install))
}

async function install(context: Context, options: InstallOptions): Promise<void> {
  const { file, agent, edit } = targetOf(options)
  const before = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const draft = options.http ? { url: mcpUrl(context), token: HIDDEN } : ownProcess(agent, options)
  const shown = edited(edit, file, before, draft)
  const answer = { file, agent, change: changeText(before, shown) }
  if (shown === before) {
    context.print({ ...answer, written: false }, () => `${file} has this already.`)
    return
  }
  if (!context.isJson) console.log(`${paint('bold', file)}\n${answer.change}`)
  if (!options.yes && !(await isMeant(context))) {
    throw new CliError('Nothing was written. Give --yes to write it without being asked.', EXIT.usage, answer)
  }
  const after =
    'token' in draft ? edited(edit, file, before, await withToken(context, agent, draft, options)) : shown
  replace(file, after)
  context.print({ ...answer, written: true }, () => `Written. The agent is known to the hub as ${agent}.`)
}

function targetOf({ codex, claude, agent }: InstallOptions): Target {
  if (codex === claude) throw new CliError('Say where to: --codex or --claude.', EXIT.usage)
  if (codex) {
    const home = process.env.CODEX_HOME ?? join(homedir(), '.codex')
    return { file: join(home, 'config.toml'), agent: agent ?? 'codex', edit: inCodexConfig }
  }
  const folder = process.env.CLAUDE_CONFIG_DIR ?? homedir()
  return { file: join(folder, '.claude.json'), agent: agent ?? 'claude', edit: inClaudeConfig }
}

/** This very program, wherever it was started from. */
function ownProcess(agent: string, options: GrantOptions): Extract<Server, { command: string }> {
  const { CODEX_HUB_HOME } = process.env
  return {
    command: process.execPath,
    args: [realpathSync(process.argv[1] ?? ''), 'mcp', '--agent', agent, ...grantArgs(options)],
    env: CODEX_HUB_HOME === undefined ? {} : { CODEX_HUB_HOME },
  }
}

const mcpUrl = (context: Context): string => new URL('/mcp', context.address().url).href

/** Make the agent's token. What it is granted goes to the hub: over HTTP there are no arguments to say it in. */
async function withToken(
  context: Context,
  name: string,
  server: Extract<Server, { url: string }>,
  options: GrantOptions,
): Promise<Server> {
  const { token, tokenDigest } = newToken()
  const grants = grantsOf(options)
  await context.command('agent/allow', { name, tokenDigest, ...(grants.length === 0 ? {} : { grants }) })
  return { ...server, token }
}

/** @throws CliError for a file that cannot be understood */
function edited(edit: Target['edit'], file: string, text: string, server: Server): string {
  try {
    return edit(text, server)
  } catch (error) {
    throw new CliError(
      `${file} cannot be changed: ${(error as Error).message}. Mend it first.`,
      EXIT.failed,
      { file },
    )
  }
}

async function isMeant(context: Context): Promise<boolean> {
  if (context.isJson || !process.stdin.isTTY) return false
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return /^y(es)?$/i.test((await terminal.question('Write it? [y/N] ')).trim())
  } finally {
    terminal.close()
  }
}

/** As a whole or not at all, with the rights it had; where it is a link, the file behind it. */
function replace(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const real = existsSync(file) ? realpathSync(file) : file
  const mode = existsSync(real) ? statSync(real).mode & 0o777 : 0o600
  const draft = `${real}.codex-hub-${process.pid}`
  writeFileSync(draft, text, { mode })
  renameSync(draft, real)
}
