/**
 * The driver: opens threads on `codex app-server` children, one per session, joins those an earlier hub left running, and
 * asks a helper what needs no session. It owns the helpers and knows the children that were lost; it keeps no list of
 * sessions.
 */
import { statSync } from 'node:fs'
import { isSameProcess } from '../../base/process-identity.ts'
import type { CloseCause } from '../../jsonrpc/channel.ts'
import type { Model } from '../../protocol/model.ts'
import type { SettingsRequest } from '../../protocol/settings.ts'
import { type Connector, ConnectorError, type ConnectorSink } from '../connector.ts'
import type { CodexReport, Driver, OpenOptions, ProcessRecord } from '../driver.ts'
import type { HistoryTurn } from '../event.ts'
import { reap } from '../process/reap.ts'
import { socketLadder } from '../process/terminate.ts'
import { CodexConnector } from './connector.ts'
import { HelperServer } from './helper-server.ts'
import { readHistory } from './history.ts'
import { holdChild } from './holding.ts'
import type { Installation } from './locate.ts'
import { listModels } from './models.ts'
import { forkThread, joinThread, type OpenedThread, resumeThread, startThread } from './opened-thread.ts'
import type { HomeLine } from './requests.ts'
import type { RunningServer } from './running-server.ts'
import { type ServerOptions, Servers } from './servers.ts'
import { isAtLeast } from './version.ts'

const NAMES_FROM_AFAR_SINCE = '0.120.0'

export class CodexDriver implements Driver {
  readonly #options: ServerOptions
  readonly #servers: Servers
  /** By `CODEX_HOME`; the empty text stands for the one that is configured. */
  readonly #helpers = new Map<string, HelperServer>()
  /** Children whose connection was lost while they run on, by thread: they hold its writer lock. */
  readonly #strays = new Map<string, ProcessRecord>()

  constructor(options: ServerOptions) {
    this.#options = options
    this.#servers = new Servers(options)
  }

  async create(options: OpenOptions): Promise<Connector> {
    const { cwd, settings } = options
    if (!statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) {
      throw new ConnectorError('refused', `The folder ${cwd} does not exist. Create it, or choose another.`, {
        cwd,
      })
    }
    const running = await this.#servers.take(options)
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
    const running = await this.#servers.take(options)
    return this.#open(running, options, () => resumeThread(running.server, threadId, options.settings))
  }

  async fork(threadId: string, options: OpenOptions & { readonly lastTurnId?: string }): Promise<Connector> {
    const running = await this.#servers.take(options)
    return this.#open(running, options, async () => {
      if (running.methods.has('thread/fork')) return forkThread(running.server, threadId, options)
      throw new ConnectorError('unsupported', 'This release of Codex cannot fork a thread.')
    })
  }

  async rejoin(process: ProcessRecord, threadId: string, options: OpenOptions): Promise<Connector> {
    const running = await this.#servers.join(process)
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
      found = await this.#servers.locate()
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
    await Promise.all([this.#servers.close(), ...[...this.#helpers.values()].map((helper) => helper.close())])
  }

  #helper(codexHome: string | null = null): HelperServer {
    // The configured home has one name only, or it would have two helpers.
    const key = codexHome === this.#options.config.codexHome ? '' : (codexHome ?? '')
    const known = this.#helpers.get(key)
    if (known) return known
    const helper = new HelperServer(() => this.#servers.start(null, codexHome, 'stdio'), this.#options.clock)
    this.#helpers.set(key, helper)
    return helper
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
