/** `codex-hub serve`: the hub in the foreground. */
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { HttpDoor } from '../../mcp/http-door.ts'
import { StoreError } from '../../persistence/store-error.ts'
import { startStoreWorker } from '../../persistence/store-worker.ts'
import type { ResultOf } from '../../protocol/methods.ts'
import { type Config, type ConfigRequest, readConfig } from '../../server/config.ts'
import type { AgentDoorSite } from '../../server/http/agent-door.ts'
import type { RunningHub } from '../../server/hub-options.ts'
import type { Context } from '../context.ts'
import { CliError, EXIT } from '../exit.ts'
import { openPage, pageLink } from '../page-link.ts'
import { type Run, wholeNumber } from '../run.ts'
import { listenForStop } from '../signals.ts'
import { paint } from '../text.ts'
import { VERSION } from '../version.ts'

interface ServeOptions {
  readonly port?: number
  readonly host?: string
  readonly codex?: string
  readonly codexHome?: string
  readonly transport?: 'auto' | 'socket' | 'stdio'
  readonly grace?: number
  readonly logLevel?: ConfigRequest['logLevel']
  readonly showToken?: boolean
  readonly open?: boolean
}

/** A stopping hub must not wait for its own answer for long. */
const COUNT_MS = 1_000

export function addServe(program: Command, run: Run): void {
  program
    .command('serve', { isDefault: true })
    .description('run the hub (the default command)')
    .option('--port <port>', 'port on 127.0.0.1; 0 for any free one (default: 4517)', wholeNumber(65_535))
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('--codex <path>', 'the Codex to run (default: the one on PATH, then the bundled one)')
    .option(
      '--codex-home <folder>',
      'CODEX_HOME of the sessions (default: that of this shell, then ~/.codex)',
    )
    .addOption(
      new Option('--transport <kind>', 'how sessions are reached').choices(['auto', 'socket', 'stdio']),
    )
    .option('--grace <seconds>', 'how long sessions go on without a hub (default: 900)', wholeNumber(1e9))
    .addOption(
      new Option('--log-level <level>', 'what goes into hub.log').choices([
        'debug',
        'info',
        'warn',
        'error',
        'silent',
      ]),
    )
    .option('--show-token', 'print the token also where no person looks; otherwise it stays out of logs')
    .option('--open', "open the hub's page in the browser")
    .addHelpText(
      'after',
      '\nExamples:\n  codex-hub\n  codex-hub serve --open\n  codex-hub serve --port 0 --codex-home ~/.codex-work',
    )
    .action(run(serve))
}

async function serve(context: Context, options: ServeOptions): Promise<void> {
  const { folder } = context
  const config = readConfig(folder, {
    port: options.port,
    host: options.host,
    codexPath: options.codex,
    codexHome: options.codexHome,
    transport: options.transport,
    graceMs: options.grace === undefined ? undefined : options.grace * 1_000,
    logLevel: options.logLevel,
  })
  const stop = listenForStop()
  // It loads beside the hub, not after it.
  const storeWorker = startStoreWorker()
  // Loaded here alone: what only talks to a hub, or serves an agent, must not load one.
  const { startHub } = await import('../../server/hub.ts')
  const makeAgentDoor = (address: AgentDoorSite) => new HttpDoor({ address, version: VERSION })
  const hub = await startHub({ folder, config, version: VERSION, makeAgentDoor, storeWorker }).catch(
    (error: unknown) => {
      throw whyNotStarted(error, context, config)
    },
  )
  const socket = `${hub.url.replace('http', 'ws')}/ws`
  const tokenFile = join(folder, 'token')
  const logFile = join(folder, 'hub.log')
  // A terminal is for a person's eyes; what is piped may be a log.
  const isForEyes = options.showToken || (process.stdout.isTTY && !context.isJson)
  const page = isForEyes ? pageLink(hub.url, hub.token) : hub.url
  const token = options.showToken ? { token: hub.token } : {}
  const facts = { url: hub.url, page, socket, tokenFile, logFile, pid: hub.pid, version: VERSION, ...token }
  context.print(facts, () =>
    [
      `codex-hub ${VERSION} listens on ${paint('bold', hub.url)}`,
      `  page    ${isForEyes ? page : '"codex-hub page" prints its link'}`,
      `  socket  ${socket}`,
      `  token   ${options.showToken ? hub.token : `in ${tokenFile}`}`,
      `  log     ${logFile}`,
      'In another terminal: codex-hub new "What is in this folder?" --watch',
      'Ctrl-C stops the hub.',
    ].join('\n'),
  )
  if (options.open) {
    // The hub is what was asked for; a machine without a browser keeps it.
    await openPage(hub.url, hub.token).catch((error: Error) => console.error(error.message))
  }
  void stop.asked.then(async () => {
    if (!context.isJson) console.log(await farewell(hub, config))
    await hub.close()
  })
  await hub.closed
  stop.release()
}

/** The sentence of a start that failed, with what to do. */
function whyNotStarted(error: unknown, context: Context, config: Config): unknown {
  if (error instanceof StoreError && error.fault === 'folderLocked') {
    const { pid } = error.facts
    const notice = context.notice()
    const url = notice?.pid === pid ? notice?.url : undefined
    return new CliError(
      `A hub runs on ${context.folder} already: process ${pid}${url ? ` at ${url}` : ''}. Use it, or stop it with "codex-hub stop".`,
      EXIT.alreadyRunning,
      { ...error.facts, ...(url ? { url } : {}) },
    )
  }
  const code = (error as NodeJS.ErrnoException | null)?.code
  const where = `${config.host}:${config.port}`
  const reasons: Record<string, string> = {
    EADDRINUSE: `Another program listens on ${where}. Choose a port with --port (0: any free one) or "port" in config.json.`,
    EADDRNOTAVAIL: `${where} is no address of this machine. Choose one with --host.`,
    EACCES: `Something is not permitted: ${(error as Error).message}. "codex-hub doctor" looks at folders and port.`,
  }
  const reason = reasons[code ?? '']
  return reason === undefined
    ? error
    : new CliError(reason, EXIT.failed, { code, ...{ host: config.host, port: config.port } })
}

/** What becomes of the sessions, as far as the hub can still tell. */
async function farewell(hub: RunningHub, { transport, graceMs }: Config): Promise<string> {
  const answer = await fetch(`${hub.url}/health`, {
    headers: { authorization: `Bearer ${hub.token}` },
    signal: AbortSignal.timeout(COUNT_MS),
  })
    .then((response) => response.json() as Promise<ResultOf<'hub/status'>>)
    .catch(() => null)
  const count = answer?.processes.filter(({ sessionId }) => sessionId !== null).length ?? 0
  if (count === 0 || transport === 'stdio') return 'Stopping. Ctrl-C again stops at once.'
  const what = count === 1 ? '1 session goes' : `${count} sessions go`
  const minutes = Math.round(graceMs / 60_000)
  const time = minutes >= 1 ? `${minutes} min` : `${Math.round(graceMs / 1_000)} s`
  return `Stopping. ${what} on without the hub for ${time}; a new one joins them again. Ctrl-C again stops at once.`
}
