/** `codex-hub serve`: the hub in the foreground. */
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { type ConfigRequest, dataFolder, readConfig } from '../../server/config.ts'
import { type RunningHub, startHub } from '../../server/hub.ts'
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
}

export function addServe(program: Command): void {
  program
    .command('serve', { isDefault: true })
    .description('run the hub (the default command)')
    .option('--port <port>', 'port on 127.0.0.1; 0 for any free one', Number)
    .option('--host <address>', 'address to listen on')
    .option('--codex <path>', 'the Codex to run; otherwise the one on PATH, then the bundled one')
    .option('--codex-home <folder>', 'CODEX_HOME of the sessions')
    .addOption(
      new Option('--transport <kind>', 'how sessions are reached').choices(['auto', 'socket', 'stdio']),
    )
    .option('--grace <seconds>', 'how long sessions go on without a hub', Number)
    .addOption(new Option('--log-level <level>').choices(['debug', 'info', 'warn', 'error', 'silent']))
    .addHelpText('after', '\nExamples:\n  codex-hub\n  codex-hub serve --port 0 --codex-home ~/.codex-work')
    .action(async (options: ServeOptions) => {
      const folder = dataFolder()
      const config = readConfig(folder, {
        port: options.port,
        host: options.host,
        codexPath: options.codex,
        codexHome: options.codexHome,
        transport: options.transport,
        graceMs: options.grace === undefined ? undefined : options.grace * 1_000,
        logLevel: options.logLevel,
      })
      const hub = await startHub({ folder, config, version: VERSION })
      console.log(`codex-hub ${VERSION} listens on ${paint('bold', hub.url)}`)
      console.log(`  socket  ${hub.url.replace('http', 'ws')}/ws`)
      console.log(`  token   in ${join(folder, 'token')}`)
      console.log(`  log     ${join(folder, 'hub.log')}`)
      console.log(
        `Try "codex-hub new 'What is in this folder?' --watch" in another terminal. Ctrl-C stops the hub.`,
      )
      await untilStopped(hub)
    })
}

/** Resolves when the hub is down. The first signal stops it politely, the second at once. */
export async function untilStopped(hub: RunningHub, stopSessions = false): Promise<void> {
  let signals = 0
  const onSignal = (): void => {
    signals += 1
    if (signals > 1) process.exit(1)
    if (!stopSessions)
      console.log('Stopping. Sessions go on by themselves for a while; a new hub joins them again.')
    void hub.close({ stopSessions })
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  await hub.closed
  process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
}
