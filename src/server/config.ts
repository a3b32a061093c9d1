/** What a person may configure: flags over environment over `config.json` in the data folder over defaults. */
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import envPaths from 'env-paths'
import { z } from 'zod'
import { attentionKindSchema } from '../protocol/attention.ts'
import { scopeSchema } from '../protocol/methods/shape.ts'
import { isolationSchema } from '../protocol/summary.ts'

export const DEFAULT_PORT = 4517

/** All kinds where none are named. */
const attentionKinds = z.array(attentionKindSchema).min(1).optional()

export const configSchema = z.strictObject({
  /** 0: any free port. */
  port: z.int().min(0).max(65_535).default(DEFAULT_PORT),
  /** Anything but loopback is refused unless `allowRemote` says that it is meant. */
  host: z.string().min(1).default('127.0.0.1'),
  allowRemote: z.boolean().default(false),
  /** Further names by which clients may address the hub (`Host`), and pages that may connect (`Origin`). */
  allowedHosts: z.array(z.string()).default([]),
  allowedOrigins: z.array(z.string()).default([]),
  /** Further tokens beside the one in the `token` file, each with its scopes. */
  tokens: z
    .array(z.strictObject({ name: z.string(), token: z.string().min(20), scopes: z.array(scopeSchema) }))
    .default([]),
  codexPath: z.string().optional(),
  /** `CODEX_HOME` of the hub's own sessions; otherwise Codex's own default. */
  codexHome: z.string().optional(),
  /** Homes whose sessions are adopted, whoever started them. The hub's own is always among them, unless it says no. */
  homes: z.array(z.strictObject({ path: z.string().min(1), adopt: z.boolean().default(true) })).default([]),
  /** How long nobody must have written for an observed session to count as over. Milliseconds. */
  observedEndMs: z.int().min(1_000).default(120_000),
  /** Where work trees are made, in a folder for each repository; otherwise beside it, in `<repository>.worktrees`. */
  worktrees: z.string().min(1).optional(),
  transport: z.enum(['auto', 'socket', 'stdio']).default('auto'),
  /** How long children go on without a hub. Milliseconds. */
  graceMs: z
    .int()
    .min(0)
    .default(15 * 60_000),
  /** A session that was idle for so long is put away, its process ended; the next prompt resumes it. Milliseconds; 0: never. */
  parkAfterMs: z
    .int()
    .min(0)
    .default(30 * 60_000),
  /** How many Codex processes may live at once; 0: any number. */
  maxProcesses: z.int().min(0).default(32),
  /** Whether each session has a Codex process of its own, or all on a home share one; a session may say otherwise. */
  isolation: isolationSchema.default('process'),
  /** Once a session was opened, a started Codex waits so long for the next one. Milliseconds; 0: none waits. */
  spareMs: z
    .int()
    .min(0)
    .default(10 * 60_000),
  /** Who else is told of what asks for a person. */
  attention: z
    .strictObject({
      /** A running turn of which nothing was heard for so long is stalled. Milliseconds; 0: never. */
      stalledAfterMs: z
        .int()
        .min(0)
        .default(10 * 60_000),
      /** Run for each need, with its entry as JSON on standard input and `CODEX_HUB_*` in the environment. */
      commands: z
        .array(z.strictObject({ command: z.array(z.string()).min(1), kinds: attentionKinds }))
        .default([]),
      /** Posted to for each need, signed as the Standard Webhooks specification says. */
      webhooks: z
        .array(
          z.strictObject({
            url: z.url({ protocol: /^https?$/ }),
            secret: z.string().min(16),
            kinds: attentionKinds,
          }),
        )
        .default([]),
    })
    .prefault({}),
  /** What holds for agents that come over MCP. */
  agents: z
    .strictObject({
      /** How many agents may stand between a person and a session: sessions that make sessions that make sessions. */
      maxDepth: z.int().min(0).default(3),
      callsPerMinute: z.int().min(1).default(300),
      sessionsPerHour: z.int().min(1).default(60),
    })
    .prefault({}),
  /** Keep what the files were like before and after each turn, in the repository, so that a revert can restore them. */
  checkpoints: z.boolean().default(false),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
})

export type Config = z.infer<typeof configSchema>
export type ConfigRequest = z.input<typeof configSchema>

/** A configuration that cannot be used; the sentence says which setting, where and what was expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** The data folder: `CODEX_HUB_HOME`, or the platform's place for application data. */
export function dataFolder(env: NodeJS.ProcessEnv = process.env): string {
  const own = env.CODEX_HUB_HOME
  if (own) return own.startsWith('~/') ? join(homedir(), own.slice(2)) : own
  return envPaths('codex-hub', { suffix: '' }).data
}

/** The homes to look into, the hub's own first. */
export function homesOf(
  { codexHome, homes }: Pick<Config, 'codexHome' | 'homes'>,
  env: NodeJS.ProcessEnv = process.env,
): { codexHome: string; adopt: boolean }[] {
  const own = resolveHome(codexHome ?? env.CODEX_HOME ?? '~/.codex')
  const named = homes.map(({ path, adopt }) => ({ codexHome: resolveHome(path), adopt }))
  const listed = [named.find((home) => home.codexHome === own) ?? { codexHome: own, adopt: true }, ...named]
  return listed.filter(
    (home, index) => listed.findIndex((each) => each.codexHome === home.codexHome) === index,
  )
}

export function resolveHome(path: string): string {
  return resolve(path.startsWith('~/') ? join(homedir(), path.slice(2)) : path)
}

/** Read `config.json` of a data folder and put `flags` over it. @throws ConfigError */
export function readConfig(folder: string, flags: ConfigRequest = {}): Config {
  const file = join(folder, 'config.json')
  let stored: unknown = {}
  try {
    stored = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw new ConfigError(`${file} cannot be read as JSON: ${(error as Error).message}. Mend or remove it.`)
    }
  }
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) {
    throw new ConfigError(`${file} must hold one JSON object.`)
  }
  const given = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined))
  const parsed = configSchema.safeParse({ ...stored, ...given })
  if (!parsed.success) throw new ConfigError(`${file} or a flag is wrong: ${z.prettifyError(parsed.error)}`)
  const config = parsed.data
  if (!isLoopback(config.host) && !config.allowRemote) {
    throw new ConfigError(
      `The hub listens on this machine only. To bind ${config.host}, set "allowRemote": true in ${file} and put TLS in front.`,
    )
  }
  return config
}

/** The configured place for work trees; null: beside each repository. */
export function worktreeFolder({ worktrees }: Pick<Config, 'worktrees'>): string | null {
  return worktrees === undefined ? null : resolveHome(worktrees)
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}
