/**
 * Where app-servers come from: the installation they are started from, the transport they speak, the one kept in waiting.
 * It starts only a few at once, and keeps no list of those it gave away.
 */
import { createHash } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { ConnectorError } from '../connector.ts'
import type { OpenOptions, ProcessLedger, ProcessRecord } from '../driver.ts'
import { CapabilityCache } from './capabilities.ts'
import type { CodexConfig } from './config.ts'
import { Gate } from './gate.ts'
import { type Installation, locateCodex } from './locate.ts'
import { joinServer, type RunningServer, startServer } from './running-server.ts'
import { homeStamp, SpareServer } from './spare-server.ts'

export interface ServerOptions {
  readonly config: CodexConfig
  readonly hubId: string
  readonly hubVersion: string
  readonly ledger: ProcessLedger
  readonly log: Log
  readonly clock: Clock
  /** A folder only this user may enter, with a short path. */
  readonly socketFolder: string
  /** Where the running hub says who it is; wardens read it. */
  readonly hubLockPath: string
}

interface StartRequest {
  readonly sessionId?: string | null
  readonly codexHome?: string | null
  readonly only?: 'stdio'
  /** For sessions that share it. */
  readonly sharedBy?: string
}

const KEY_DIGITS = 16
const STARTS_AT_ONCE = 2
const STARTUP_TIMEOUT_MS = 30_000

export class Servers {
  readonly #options: ServerOptions
  readonly #capabilities = new CapabilityCache()
  readonly #versions = new Map<string, string>()
  readonly #gate = new Gate(STARTS_AT_ONCE)
  readonly #spare: SpareServer | null = null

  constructor(options: ServerOptions) {
    this.#options = options
    const { config, clock, log } = options
    // Where sessions share a process the next one need not wait for another.
    const keepMs = config.isolation === 'shared' ? 0 : (config.spareMs ?? 0)
    if (keepMs === 0) return
    this.#spare = new SpareServer({
      start: () => this.start({}),
      stamp: async () => homeStamp((await this.locate()).path, config.codexHome ?? null),
      clock,
      log,
      keepMs,
    })
  }

  /** A server for one session: the one in waiting, where the session's home is the configured one, else a new one. */
  async take({ sessionId, codexHome = null }: OpenOptions): Promise<RunningServer> {
    const isConfigured = codexHome === null || codexHome === this.#options.config.codexHome
    const spare = isConfigured ? await this.#spare?.take() : null
    if (!spare) return this.start({ sessionId, codexHome })
    try {
      await spare.handle.assign(sessionId)
      return spare
    } catch (error) {
      spare.server.close()
      await spare.handle.stop()
      throw error
    }
  }

  /** Connect to one that runs. */
  join(process: ProcessRecord): Promise<RunningServer> {
    return joinServer(this.#startOptions(), process)
  }

  start({ sessionId = null, codexHome = null, only, sharedBy }: StartRequest): Promise<RunningServer> {
    return this.#gate.run(async () => {
      const { config, socketFolder } = this.#options
      const installation = await this.locate()
      return startServer({
        ...this.#startOptions(),
        installation,
        transport: only ?? (await this.#transportFor(installation)),
        sessionId,
        ...(sharedBy === undefined ? {} : { sharedBy }),
        hubId: this.#options.hubId,
        socketFolder,
        codexHome: this.homeOf(codexHome),
        env: config.env ?? {},
      })
    })
  }

  /** The home that is meant by none. */
  homeOf(codexHome: string | null | undefined): string | null {
    return codexHome ?? this.#options.config.codexHome ?? null
  }

  /** What a server on the home reads once, at its start, in few letters: two with the same can stand for each other. */
  async keyOf(codexHome: string | null): Promise<string> {
    const stamp = homeStamp((await this.locate()).path, codexHome)
    return createHash('sha256').update(`${codexHome}\n${stamp}`).digest('hex').slice(0, KEY_DIGITS)
  }

  /** Whether the installed Codex, as it is configured, outlives the hub, and can so be shared. */
  async canShare(): Promise<boolean> {
    return (await this.#transportFor(await this.locate())) === 'socket'
  }

  /** The Codex that is started. @throws ConnectorError where none is found */
  locate(): Promise<Installation> {
    const { codexPath, env } = this.#options.config
    return locateCodex({
      configuredPath: codexPath,
      env: { ...process.env, ...env },
      versions: this.#versions,
    })
  }

  /** End the one in waiting, and have no other. */
  async close(): Promise<void> {
    await this.#spare?.close()
  }

  #startOptions() {
    const { config, ledger, clock, log, hubVersion, hubLockPath } = this.#options
    return {
      ledger,
      hubLockPath,
      clock,
      log,
      hubVersion,
      capabilities: this.#capabilities,
      startupTimeoutMs: config.startupTimeoutMs ?? STARTUP_TIMEOUT_MS,
      ...(config.graceMs === undefined ? {} : { graceMs: config.graceMs }),
      ...(config.finishTurnMs === undefined ? {} : { finishTurnMs: config.finishTurnMs }),
    }
  }

  async #transportFor({ path, version }: Installation): Promise<'socket' | 'stdio'> {
    const { transport = 'auto' } = this.#options.config
    if (transport === 'stdio') return 'stdio'
    if (await this.#capabilities.canListenOnSocket(path)) return 'socket'
    if (transport === 'auto') return 'stdio'
    throw new ConnectorError(
      'unsupported',
      `Codex ${version} cannot listen on a Unix socket here. Set the transport to "auto", or update Codex.`,
      { path, version },
    )
  }
}
