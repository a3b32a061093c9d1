/**
 * The driver: obtains driven connectors by starting `codex app-server` children, one per session, and joins those an
 * earlier hub left running. It decides which Codex and which transport; it keeps no list of sessions.
 */
import { statSync } from 'node:fs'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { isSameProcess } from '../../base/process-identity.ts'
import type { CloseCause } from '../../jsonrpc/channel.ts'
import type { Model } from '../../protocol/model.ts'
import type { SettingsRequest } from '../../protocol/settings.ts'
import { type Connector, ConnectorError, type ConnectorSink } from '../connector.ts'
import type { CodexReport, Driver, OpenOptions, ProcessLedger, ProcessRecord } from '../driver.ts'
import type { HistoryTurn } from '../event.ts'
import { reap } from '../process/reap.ts'
import { socketLadder } from '../process/terminate.ts'
import { CapabilityCache } from './capabilities.ts'
import type { CodexConfig } from './config.ts'
import { CodexConnector } from './connector.ts'
import { Gate } from './gate.ts'
import { HelperServer } from './helper-server.ts'
import { readHistory } from './history.ts'
import { holdChild } from './holding.ts'
import { type Installation, locateCodex } from './locate.ts'
import { listModels } from './models.ts'
import { forkThread, joinThread, type OpenedThread, resumeThread, startThread } from './opened-thread.ts'
import type { HomeLine } from './requests.ts'
import { joinServer, type RunningServer, startServer } from './running-server.ts'
import { homeStamp, SpareServer } from './spare-server.ts'
import { isAtLeast } from './version.ts'

export interface CodexDriverOptions {
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

const STARTS_AT_ONCE = 2
const STARTUP_TIMEOUT_MS = 30_000
const NAMES_FROM_AFAR_SINCE = '0.120.0'

export class CodexDriver implements Driver {
  readonly #options: CodexDriverOptions
  readonly #capabilities = new CapabilityCache()
  readonly #versions = new Map<string, string>()
  readonly #gate = new Gate(STARTS_AT_ONCE)
  /** By `CODEX_HOME`; the empty text stands for the one that is configured. */
  readonly #helpers = new Map<string, HelperServer>()
  /** Children whose connection was lost while they run on, by thread: they hold its writer lock. */
  readonly #strays = new Map<string, ProcessRecord>()
  readonly #spare: SpareServer | null = null

  constructor(options: CodexDriverOptions) {
    this.#options = options
    const { config, clock, log } = options
    const keepMs = config.spareMs ?? 0
    if (keepMs === 0) return
    this.#spare = new SpareServer({
      start: () => this.#startServer(null),
      stamp: async () => homeStamp((await this.#locate()).path, config.codexHome ?? null),
      clock,
      log,
      keepMs,
    })
  }

  async create(options: OpenOptions): Promise<Connector> {
    const { cwd, settings } = options
    if (!statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) {
      throw new ConnectorError('refused', `The folder ${cwd} does not exist. Create it, or choose another.`, {
        cwd,
      })
    }
    const running = await this.#serverFor(options)
    return this.#open(running, options, () => startThread(running.server, { cwd, settings }))
  }

  async resume(threadId: string, options: OpenOptions): Promise<Connector> {
    const stray = this.#strays.get(threadId)
    if (stray) {
      try {
        return await this.rejoin(stray, threadId, options)
      } catch (error) {
        this.#options.log.warn(
          { err: error, pid: stray.pid },
          'a lost child could not be rejoined and is ended',
        )
        await this.reap(stray)
        this.#strays.delete(threadId)
      }
    }
    const running = await this.#serverFor(options)
    return this.#open(running, options, () => resumeThread(running.server, threadId, options.settings))
  }

  async fork(threadId: string, options: OpenOptions & { readonly lastTurnId?: string }): Promise<Connector> {
    const running = await this.#serverFor(options)
    return this.#open(running, options, async () => {
      if (running.methods.has('thread/fork')) return forkThread(running.server, threadId, options)
      throw new ConnectorError('unsupported', 'This release of Codex cannot fork a thread.')
    })
  }

  async rejoin(process: ProcessRecord, threadId: string, options: OpenOptions): Promise<Connector> {
    const running = await joinServer(this.#serverOptions(), process)
    try {
      const opened = await joinThread(running.server, threadId, running.methods)
      this.#strays.delete(threadId)
      return this.#connect(running, opened, options.sink)
    } catch (error) {
      // Not ours to end: whoever asked decides what becomes of the process.
      running.server.close()
      throw error
    }
  }

  readHistory(
    threadId: string,
    { maxTurns, codexHome }: { maxTurns: number; codexHome?: string | null },
  ): Promise<readonly HistoryTurn[]> {
    return this.ask(async (line) => {
      if (!line.methods.has('thread/turns/list') && !line.methods.has('thread/read')) {
        throw new ConnectorError(
          'unsupported',
          'This release of Codex reads no history without resuming the thread.',
        )
      }
      return readHistory(line, threadId, maxTurns)
    }, codexHome)
  }

  async rename(threadId: string, name: string, codexHome?: string | null): Promise<void> {
    await this.#helper(codexHome).ask(async ({ server, handle }) => {
      // 0.98 names only threads that are open in the same process, and calls any other unknown.
      if (!isAtLeast(server.version ?? handle.record.codexVersion ?? '', NAMES_FROM_AFAR_SINCE)) {
        throw new ConnectorError(
          'unsupported',
          'This release of Codex names only threads that are open. Resume it first.',
        )
      }
      await server.request('thread/name/set', { threadId, name })
    })
  }

  isAlive({ pid, startToken }: ProcessRecord): Promise<boolean> {
    return isSameProcess(pid, startToken)
  }

  async reap(process: ProcessRecord): Promise<void> {
    const { finishTurnMs } = this.#options.config
    await reap(process, this.#options.clock, socketLadder(finishTurnMs === undefined ? {} : { finishTurnMs }))
    if (!(await this.isAlive(process))) this.#options.ledger.forget(process.id)
  }

  listModels(includeHidden: boolean): Promise<Model[]> {
    return this.ask(({ ask }) => listModels(ask, includeHidden))
  }

  ask<T>(question: (line: HomeLine) => Promise<T>, codexHome?: string | null): Promise<T> {
    return this.#helper(codexHome).ask(({ server, methods }, followers) =>
      question({
        methods,
        ask: (method, params, timeoutMs) => server.request(method, params, timeoutMs),
        follow: (notified, closed) => followers.add(notified, closed),
      }),
    )
  }

  async report(): Promise<CodexReport> {
    let found: Installation | null = null
    try {
      found = await this.#locate()
      const methods = await this.ask(async (line) => [...line.methods])
      return { path: found.path, version: found.version, source: found.source, problem: null, methods }
    } catch (error) {
      const facts = error instanceof ConnectorError ? error.facts : {}
      const { path = facts.path, version = facts.version, source = facts.source } = found ?? {}
      const problem = error instanceof Error ? error.message : String(error)
      return { path: textOf(path), version: textOf(version), source: textOf(source), problem, methods: [] }
    }
  }

  /** Sessions are let go of or stopped by whoever opened them. */
  async close(): Promise<void> {
    await Promise.all([this.#spare?.close(), ...[...this.#helpers.values()].map((helper) => helper.close())])
  }

  #helper(codexHome: string | null = null): HelperServer {
    // The configured home has one name only, or it would have two helpers.
    const key = codexHome === this.#options.config.codexHome ? '' : (codexHome ?? '')
    const known = this.#helpers.get(key)
    if (known) return known
    const helper = new HelperServer(() => this.#startServer(null, codexHome, 'stdio'), this.#options.clock)
    this.#helpers.set(key, helper)
    return helper
  }

  /** A server for one session: the one in waiting, where the session's home is the configured one, else a new one. */
  async #serverFor({ sessionId, codexHome = null }: OpenOptions): Promise<RunningServer> {
    const isConfigured = codexHome === null || codexHome === this.#options.config.codexHome
    const spare = isConfigured ? await this.#spare?.take() : null
    if (!spare) return this.#startServer(sessionId, codexHome)
    try {
      await spare.handle.assign(sessionId)
      return spare
    } catch (error) {
      spare.server.close()
      await spare.handle.stop()
      throw error
    }
  }

  #locate(): Promise<Installation> {
    const { codexPath, env } = this.#options.config
    return locateCodex({
      configuredPath: codexPath,
      env: { ...process.env, ...env },
      versions: this.#versions,
    })
  }

  #startServer(
    sessionId: string | null,
    codexHome: string | null = null,
    only?: 'stdio',
  ): Promise<RunningServer> {
    return this.#gate.run(async () => {
      const { config, socketFolder, hubLockPath } = this.#options
      const installation = await this.#locate()
      return startServer({
        ...this.#serverOptions(),
        installation,
        transport: only ?? (await this.#transportFor(installation)),
        sessionId,
        hubId: this.#options.hubId,
        socketFolder,
        hubLockPath,
        codexHome: codexHome ?? config.codexHome ?? null,
        env: config.env ?? {},
        ...(config.graceMs === undefined ? {} : { graceMs: config.graceMs }),
      })
    })
  }

  #serverOptions() {
    const { config, ledger, clock, log, hubVersion } = this.#options
    return {
      ledger,
      clock,
      log,
      hubVersion,
      capabilities: this.#capabilities,
      startupTimeoutMs: config.startupTimeoutMs ?? STARTUP_TIMEOUT_MS,
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

  /** Open a thread on a child of this session; without a thread the child is of no use. */
  async #open(
    running: RunningServer,
    options: OpenOptions,
    openThread: () => Promise<OpenedThread>,
  ): Promise<Connector> {
    let opened: OpenedThread
    try {
      opened = await openThread()
    } catch (error) {
      running.server.close()
      await running.handle.stop()
      throw error
    }
    return this.#connect(running, opened, options.sink, options.settings)
  }

  #connect(
    { server, handle, methods }: RunningServer,
    opened: OpenedThread,
    sink: ConnectorSink,
    { mode }: SettingsRequest = {},
  ): Connector {
    const { log, clock } = this.#options
    const { threadId } = opened.thread
    return new CodexConnector({
      door: 'driven',
      instance: handle.record.id,
      server,
      methods,
      opened,
      holding: holdChild(server, handle),
      ...(mode === undefined ? {} : { nextTurn: { mode } }),
      sink: {
        receive: (event) => sink.receive(event),
        closed: (cause) => {
          this.#noteStray(cause, threadId, handle.record)
          sink.closed(cause)
        },
      },
      clock,
      log: log.child({ threadId, pid: handle.record.pid }),
    })
  }

  #noteStray(cause: CloseCause, threadId: string, record: ProcessRecord): void {
    if (cause.kind !== 'exited' && record.socketPath !== null) this.#strays.set(threadId, record)
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
