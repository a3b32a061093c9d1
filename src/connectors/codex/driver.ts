/**
 * The driver: opens threads on `codex app-server` children, one per session or one that sessions share, joins those an
 * earlier hub left running, and asks a helper what needs no session. It knows the children that were lost; it keeps no
 * list of sessions.
 */
import { statSync } from 'node:fs'
import { isSameProcess } from '../../base/process-identity.ts'
import type { Model } from '../../protocol/model.ts'
import { type Connector, ConnectorError } from '../connector.ts'
import type { CodexReport, Driver, OpenOptions, ProcessRecord } from '../driver.ts'
import type { HistoryTurn } from '../event.ts'
import { reap } from '../process/reap.ts'
import { socketLadder } from '../process/terminate.ts'
import { connectOwn, connectSeat, type LinkOptions } from './driven.ts'
import { Helpers, lineOf } from './helpers.ts'
import { readHistory } from './history.ts'
import type { Installation } from './locate.ts'
import { listModels } from './models.ts'
import { forkThread, joinThread, type OpenedThread, resumeThread, startThread } from './opened-thread.ts'
import type { HomeLine } from './requests.ts'
import type { RunningServer } from './running-server.ts'
import { type ServerOptions, Servers } from './servers.ts'
import { type Opening, SharedChildren, type Taken } from './shared-children.ts'

export class CodexDriver implements Driver {
  readonly #options: ServerOptions
  readonly #servers: Servers
  readonly #helpers: Helpers
  readonly #shared: SharedChildren
  /** Children of one session whose connection was lost while they run on, by thread: they hold its writer lock. */
  readonly #strays = new Map<string, ProcessRecord>()
  onUnloaded: (threadId: string) => void = () => {}

  constructor(options: ServerOptions) {
    const { clock, log, config } = options
    this.#options = options
    this.#servers = new Servers(options)
    this.#helpers = new Helpers(this.#servers, clock)
    this.#shared = new SharedChildren({
      start: (codexHome, sharedBy) => this.#servers.start({ codexHome, sharedBy }),
      join: (record) => this.#servers.join(record),
      reap: (record) => this.#end(record),
      keyOf: (codexHome) => this.#servers.keyOf(codexHome),
      unloaded: (threadId) => this.onUnloaded(threadId),
      clock,
      log,
      ...(config.finishTurnMs === undefined ? {} : { finishTurnMs: config.finishTurnMs }),
    })
  }

  async create(options: OpenOptions): Promise<Connector> {
    const { cwd, settings } = options
    if (!statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) {
      throw new ConnectorError('refused', `The folder ${cwd} does not exist. Create it, or choose another.`, {
        cwd,
      })
    }
    return this.#begin(options, (server) => startThread(server, { cwd, settings }), null)
  }

  async resume(threadId: string, options: OpenOptions): Promise<Connector> {
    const how: Opening = (server) => resumeThread(server, threadId, options.settings)
    const taken = await this.#shared.reopen(this.#servers.homeOf(options.codexHome), how, threadId)
    if (taken) return this.#connectSeat(taken, options)
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
    return this.#begin(options, how, threadId)
  }

  async fork(threadId: string, options: OpenOptions & { readonly lastTurnId?: string }): Promise<Connector> {
    const how: Opening = async (server, methods) => {
      if (methods.has('thread/fork')) return forkThread(server, threadId, options)
      throw new ConnectorError('unsupported', 'This release of Codex cannot fork a thread.')
    }
    return this.#begin(options, how, null)
  }

  know(process: ProcessRecord): void {
    this.#shared.know(process)
  }

  async threadsOf(process: ProcessRecord): Promise<readonly string[]> {
    return (await this.#shared.join(process)).kept
  }

  holds(threadId: string): boolean {
    return this.#shared.holding(threadId)?.keeps(threadId) ?? false
  }

  async rejoin(process: ProcessRecord, threadId: string, options: OpenOptions): Promise<Connector> {
    if (process.sharedBy !== null) {
      const child = await this.#shared.join(process)
      const { methods } = child.running
      const seat = await child.open((server) => joinThread(server, threadId, methods), threadId)
      return this.#connectSeat({ child, ...seat }, { sink: options.sink })
    }
    const running = await this.#servers.join(process)
    try {
      const opened = await joinThread(running.server, threadId, running.methods)
      this.#strays.delete(threadId)
      return this.#connectOwn(running, opened, { sink: options.sink })
    } catch (error) {
      // Not ours to end: whoever asked decides what becomes of the process.
      running.handle.letGo()
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

  rename(threadId: string, name: string, codexHome?: string | null): Promise<void> {
    return this.#helpers.rename(this.#servers.homeOf(codexHome), threadId, name)
  }

  isAlive({ pid, startToken }: ProcessRecord): Promise<boolean> {
    return isSameProcess(pid, startToken)
  }

  async endStray(threadId: string | null): Promise<void> {
    const stray = threadId === null ? undefined : this.#strays.get(threadId)
    if (threadId === null || !stray) return
    await this.#end(stray)
    if (this.#strays.get(threadId) === stray) this.#strays.delete(threadId)
  }

  async reap(process: ProcessRecord): Promise<void> {
    const child = this.#shared.of(process.id)
    await (child?.isOpen ? child.stopIfIdle() : this.#end(process))
  }

  listModels(includeHidden: boolean): Promise<Model[]> {
    return this.ask(({ ask }) => listModels(ask, includeHidden))
  }

  ask<T>(
    question: (line: HomeLine) => Promise<T>,
    codexHome?: string | null,
    threadId: string | null = null,
  ): Promise<T> {
    const child = threadId === null ? null : this.#shared.holding(threadId)
    if (child?.isOpen) return question(lineOf(child.running, child.followers))
    return this.#helpers.ask(this.#servers.homeOf(codexHome), question)
  }

  async report(): Promise<CodexReport> {
    let found: Installation | null = null
    try {
      found = await this.#servers.locate()
      const methods = await this.ask(async (line) => [...line.methods])
      const isWanted = this.#options.config.isolation === 'shared'
      return {
        ...found,
        problem: null,
        methods,
        canShare: isWanted ? await this.#servers.canShare() : null,
      }
    } catch (error) {
      const facts = error instanceof ConnectorError ? error.facts : {}
      const { path = facts.path, version = facts.version, source = facts.source } = found ?? {}
      const problem = error instanceof Error ? error.message : String(error)
      const known = { path: textOf(path), version: textOf(version), source: textOf(source) }
      return { ...known, problem, methods: [], canShare: null }
    }
  }

  /** Sessions are let go of or stopped by whoever opened them. */
  async close(): Promise<void> {
    await Promise.all([this.#servers.close(), this.#helpers.close()])
  }

  /** Open a thread that no process of the hub has open. */
  async #begin(options: OpenOptions, how: Opening, threadId: string | null): Promise<Connector> {
    if (await this.#isShared(options)) {
      const home = this.#servers.homeOf(options.codexHome)
      return this.#connectSeat(await this.#shared.open(home, how, threadId), options)
    }
    const running = await this.#servers.take(options)
    try {
      return this.#connectOwn(running, await how(running.server, running.methods), options)
    } catch (error) {
      // Without a thread the child is of no use.
      running.server.close()
      await running.handle.stop()
      throw error
    }
  }

  /** @throws ConnectorError `unsupported` where a session is to share a process and this Codex cannot */
  async #isShared({ isolation }: OpenOptions): Promise<boolean> {
    if ((isolation ?? this.#options.config.isolation) !== 'shared') return false
    if (await this.#servers.canShare()) return true
    // What is only configured falls back, as the transport does.
    if (isolation !== 'shared') return false
    throw new ConnectorError(
      'unsupported',
      'Sessions share a process over a Unix socket, which this Codex, or the transport that is configured, does not have.',
      { isolation },
    )
  }

  #connectOwn(running: RunningServer, opened: OpenedThread, options: LinkOptions): Connector {
    const { threadId } = opened.thread
    const lost = () => void this.#strays.set(threadId, running.handle.record)
    return connectOwn(running, opened, lost, { ...this.#options, ...options })
  }

  #connectSeat(taken: Taken, options: LinkOptions): Connector {
    return connectSeat(taken, { ...this.#options, ...options })
  }

  async #end(process: ProcessRecord): Promise<void> {
    const { config, clock, ledger } = this.#options
    const { finishTurnMs } = config
    await reap(process, clock, socketLadder(finishTurnMs === undefined ? {} : { finishTurnMs }))
    if (!(await this.isAlive(process))) ledger.forget(process.id)
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
