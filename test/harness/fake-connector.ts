/**
 * `Driver` and `Connector` on a `FakeCodex`, for tests of the hub without a process. They pass the contract suite of
 * the real ones, and the test has its hand on them: it emits events, holds calls back, makes them fail, and ends them.
 */
import {
  type Connector,
  ConnectorError,
  type ConnectorSink,
  type Operation,
  type TurnRequest,
} from '../../src/connectors/connector.ts'
import type {
  CodexReport,
  Driver,
  OpenOptions,
  ProcessLedger,
  ProcessRecord,
} from '../../src/connectors/driver.ts'
import type { HistoryTurn, SessionEvent } from '../../src/connectors/event.ts'
import type { CloseCause } from '../../src/jsonrpc/channel.ts'
import type { ApprovalAnswer } from '../../src/protocol/approval.ts'
import type { Model } from '../../src/protocol/model.ts'
import type { SettingsRequest } from '../../src/protocol/settings.ts'
import { FakeCodex, FakeProcess, type FakeThread } from './fake-codex.ts'

const MODELS: Model[] = [
  {
    id: 'fake-large',
    displayName: 'Fake Large',
    description: 'Thinks for long.',
    efforts: ['low', 'high'],
    defaultEffort: 'low',
    isDefault: true,
    hidden: false,
  },
  {
    id: 'fake-hidden',
    displayName: 'Fake Hidden',
    description: '',
    efforts: [],
    defaultEffort: null,
    isDefault: false,
    hidden: true,
  },
]

/** The test's hand on the calls of one object: every call passes here before it does anything. */
class Calls<Name extends string> {
  /** Calls so far, oldest first. */
  readonly made: { readonly name: Name; readonly args: readonly unknown[] }[] = []
  readonly #held = new Map<Name, Promise<void>>()
  readonly #failures = new Map<Name, unknown[]>()
  #isOver = false
  readonly #awaited: { readonly name: Name; resolve(): void }[] = []

  /** Hold calls of this name back until the returned function is called. */
  hold(name: Name): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#held.set(name, promise)
    return () => {
      this.#held.delete(name)
      resolve()
    }
  }

  /** The next call of this name fails with the error, before it does anything. */
  failNext(name: Name, error: unknown): void {
    this.#failures.set(name, [...(this.#failures.get(name) ?? []), error])
  }

  /** Nothing passes any more, also of what is held back. */
  end(): void {
    this.#isOver = true
  }

  /** Resolves at the next call of this name, also when it is held back. */
  next(name: Name): Promise<void> {
    return new Promise((resolve) => this.#awaited.push({ name, resolve }))
  }

  of(name: Name): readonly (readonly unknown[])[] {
    return this.made.filter((call) => call.name === name).map((call) => call.args)
  }

  async pass(name: Name, ...args: unknown[]): Promise<void> {
    this.made.push({ name, args })
    for (const waiting of this.#awaited.filter((each) => each.name === name)) {
      this.#awaited.splice(this.#awaited.indexOf(waiting), 1)
      waiting.resolve()
    }
    await this.#held.get(name)
    if (this.#isOver) throw new ConnectorError('closed', `${name}: whoever asked is dead`)
    const failure = this.#failures.get(name)?.shift()
    if (failure !== undefined) throw failure
  }
}

type ConnectorCall =
  | 'startTurn'
  | 'interrupt'
  | 'rename'
  | 'configure'
  | 'answer'
  | 'readHistory'
  | 'listModels'
  | 'detach'
  | 'stop'

const OPERATIONS: readonly Operation[] = [
  'send',
  'interrupt',
  'rename',
  'configure',
  'decide',
  'history',
  'terminal',
]

export class FakeConnector implements Connector {
  readonly door = 'driven'
  readonly operations: ReadonlySet<Operation>
  readonly line = null
  readonly codexVersion = '0.0.0-fake'
  readonly isolation = 'process'
  readonly thread: Connector['thread']
  readonly calls = new Calls<ConnectorCall>()
  readonly process: FakeProcess
  readonly #sink: ConnectorSink
  readonly #listener: NonNullable<FakeProcess['listener']>
  #isConnected = true

  constructor(process: FakeProcess, sink: ConnectorSink, operations: readonly Operation[] = OPERATIONS) {
    this.process = process
    this.#sink = sink
    this.operations = new Set(operations)
    this.thread = factsOf(process.thread)
    this.#listener = {
      receive: (event) => this.emit(event),
      closed: (cause) => this.#closed(cause),
    }
    process.listener = this.#listener
    for (const event of process.asked.values()) this.emit(event)
  }

  get instance(): string {
    return this.process.record.id
  }

  get isConnected(): boolean {
    return this.#isConnected
  }

  get status(): Connector['status'] {
    return this.process.status
  }

  /** Report an event as if Codex had sent it. */
  emit(event: SessionEvent): void {
    if (this.#isConnected) this.#sink.receive(event)
  }

  /** The process behind it dies. */
  end(
    cause: CloseCause = {
      kind: 'exited',
      message: 'the process was ended by SIGKILL',
      code: null,
      signal: 'SIGKILL',
    },
  ): void {
    this.process.end(cause)
  }

  /** The connection is lost; the process goes on. */
  drop(): void {
    this.#hangUp()
    this.#closed({ kind: 'ended', message: 'the connection was lost without a close frame', code: 1006 })
  }

  async startTurn(request: TurnRequest): Promise<{ turnId: string }> {
    await this.#pass('startTurn', request)
    Object.assign(this.process.thread.settings, request.settings)
    return { turnId: this.process.startTurn(request.input, request.commandId) }
  }

  async interrupt(turnId: string): Promise<void> {
    await this.#pass('interrupt', turnId)
    if (this.process.runningTurnId !== turnId)
      throw new ConnectorError('refused', 'Codex refused: no active turn to interrupt')
    this.process.interrupt()
  }

  async rename(name: string): Promise<void> {
    await this.#pass('rename', name)
    this.process.thread.name = name
    this.emit({ type: 'thread', facts: { name } })
  }

  async configure(settings: SettingsRequest): Promise<'now' | 'nextTurn'> {
    await this.#pass('configure', settings)
    Object.assign(this.process.thread.settings, settings)
    this.emit({ type: 'thread', facts: { settings: { ...this.process.thread.settings } } })
    return 'now'
  }

  async answer(key: string, answer: ApprovalAnswer): Promise<void> {
    await this.#pass('answer', key, answer)
    this.process.answer(key, answer)
  }

  async readHistory({ maxTurns }: { maxTurns: number }): Promise<readonly HistoryTurn[]> {
    await this.#pass('readHistory', maxTurns)
    return this.process.history.slice(-maxTurns)
  }

  async listModels(includeHidden: boolean): Promise<Model[]> {
    await this.#pass('listModels', includeHidden)
    return MODELS.filter((model) => includeHidden || !model.hidden)
  }

  terminal(): { command: string[]; env: Record<string, string> } {
    const { socketPath } = this.process.record
    return { command: ['codex', 'resume', this.thread.threadId, '--remote', `unix://${socketPath}`], env: {} }
  }

  hasCompany(): Promise<boolean> {
    return Promise.resolve(false)
  }

  async detach(): Promise<void> {
    this.#isConnected = false
    this.#hangUp()
    await this.calls.pass('detach')
  }

  async stop(options: { force?: boolean } = {}): Promise<void> {
    this.#isConnected = false
    this.#hangUp()
    await this.calls.pass('stop', options)
    this.process.end({ kind: 'closed', message: 'stopped' })
  }

  async #pass(name: ConnectorCall, ...args: unknown[]): Promise<void> {
    await this.calls.pass(name, ...args)
    if (!this.#isConnected)
      throw new ConnectorError('closed', `${name}: the connection ended before an answer`)
  }

  /** Another connector may listen by now. */
  #hangUp(): void {
    if (this.process.listener === this.#listener) this.process.listener = null
  }

  #closed(cause: CloseCause): void {
    if (!this.#isConnected) return
    this.#isConnected = false
    this.#sink.closed(cause)
  }
}

function factsOf({ id, cwd, name, settings, createdAt }: FakeThread): Connector['thread'] {
  return {
    threadId: id,
    codexSessionId: id,
    forkedFromThreadId: null,
    cwd,
    git: null,
    name,
    rolloutPath: null,
    settings: { ...settings },
    createdAt,
  }
}

type DriverCall = Exclude<keyof Driver, 'close' | 'know' | 'threadsOf' | 'holds' | 'onUnloaded' | 'endStray'>

const NO_LEDGER: ProcessLedger = { record: async () => {}, forget: () => {} }

export class FakeDriver implements Driver {
  readonly calls = new Calls<DriverCall>()
  readonly codex: FakeCodex
  /** All connectors it gave out, oldest first. */
  readonly connectors: FakeConnector[] = []
  readonly #hubId: string
  readonly #ledger: ProcessLedger

  /** Drivers on the same `FakeCodex` are hubs that follow each other, or live beside each other. */
  constructor(codex = new FakeCodex(), { hubId = 'hub_fake', ledger = NO_LEDGER } = {}) {
    this.codex = codex
    this.#hubId = hubId
    this.#ledger = ledger
  }

  /** The newest connector. */
  get connector(): FakeConnector {
    const newest = this.connectors.at(-1)
    if (!newest) throw new Error('this driver gave out no connector yet')
    return newest
  }

  /** Its hub was killed: Codex goes on, and hears nothing more of it. */
  die(): void {
    this.calls.end()
    for (const { calls } of this.connectors) calls.end()
  }

  async create(options: OpenOptions): Promise<FakeConnector> {
    await this.calls.pass('create', options)
    const settings = {
      model: 'fake-large',
      modelProvider: 'fake',
      effort: null,
      approvalPolicy: 'on-request',
      sandbox: 'workspace-write',
    }
    const thread: FakeThread = {
      id: this.codex.mintUuid(),
      cwd: options.cwd,
      createdAt: Date.now(),
      name: null,
      settings: { ...settings, ...options.settings },
      turns: [],
      userTexts: [],
      holder: null,
    }
    this.codex.threads.set(thread.id, thread)
    return this.#open(thread, options)
  }

  async resume(threadId: string, options: OpenOptions): Promise<FakeConnector> {
    await this.calls.pass('resume', threadId, options)
    const thread = this.codex.threads.get(threadId)
    // A child whose connection was lost is the hub's own all the same.
    if (thread?.holder?.listener === null && thread.holder.record.sessionId === options.sessionId)
      return this.#connect(thread.holder, options.sink)
    if (!thread || thread.userTexts.length === 0) {
      throw new ConnectorError('threadNotFound', 'Codex does not know this thread.', { threadId })
    }
    if (thread.holder)
      throw new ConnectorError('heldElsewhere', 'Another Codex process has this thread open.', { threadId })
    Object.assign(thread.settings, options.settings)
    return this.#open(thread, options)
  }

  async fork(): Promise<never> {
    throw new ConnectorError('unsupported', 'The fake Codex cannot fork.')
  }

  async rejoin(process: ProcessRecord, threadId: string, options: OpenOptions): Promise<FakeConnector> {
    await this.calls.pass('rejoin', process, threadId, options)
    const found = this.codex.processes.get(process.id)
    if (!found?.isAlive)
      throw new ConnectorError('closed', 'The process of the earlier hub runs no more.', {})
    if (found.thread.id !== threadId)
      throw new ConnectorError('threadNotFound', 'The process has another thread.', {})
    return this.#connect(found, options.sink)
  }

  onUnloaded: (threadId: string) => void = () => {}

  /** Nothing is shared here. */
  know(): void {}

  async threadsOf({ id }: ProcessRecord): Promise<readonly string[]> {
    const found = this.codex.processes.get(id)
    return found ? [found.thread.id] : []
  }

  holds(): boolean {
    return false
  }

  async readHistory(threadId: string, { maxTurns }: { maxTurns: number }): Promise<readonly HistoryTurn[]> {
    await this.calls.pass('readHistory', threadId, maxTurns)
    return this.#thread(threadId).turns.slice(-maxTurns)
  }

  async rename(threadId: string, name: string): Promise<void> {
    await this.calls.pass('rename', threadId, name)
    this.#thread(threadId).name = name
  }

  async isAlive(process: ProcessRecord): Promise<boolean> {
    await this.calls.pass('isAlive', process)
    return this.codex.processes.get(process.id)?.isAlive ?? false
  }

  async endStray(threadId: string | null): Promise<void> {
    const holder = this.codex.threads.get(threadId ?? '')?.holder
    if (holder?.listener === null) await this.reap(holder.record)
  }

  async reap(process: ProcessRecord): Promise<void> {
    await this.calls.pass('reap', process)
    this.codex.processes.get(process.id)?.end({ kind: 'exited', message: 'reaped', code: 0 })
    this.#ledger.forget(process.id)
  }

  async listModels(includeHidden: boolean): Promise<Model[]> {
    await this.calls.pass('listModels', includeHidden)
    return MODELS.filter((model) => includeHidden || !model.hidden)
  }

  async ask<T>(): Promise<T> {
    throw new ConnectorError('unsupported', 'The fake Codex has no line.')
  }

  async report(): Promise<CodexReport> {
    await this.calls.pass('report')
    return {
      path: '/fake/codex',
      version: '0.0.0-fake',
      source: 'configured',
      problem: null,
      methods: ['turn/start'],
      canShare: null,
    }
  }

  async close(): Promise<void> {}

  async #open(thread: FakeThread, { sessionId, sink }: OpenOptions): Promise<FakeConnector> {
    const id = `proc_${this.codex.processes.size + 1}`
    const record: ProcessRecord = {
      id,
      pid: 100_000 + this.codex.processes.size,
      startToken: `${id}@fake`,
      socketPath: `/fake/${id}.sock`,
      sessionId,
      sharedBy: null,
      warden: null,
      hubId: this.#hubId,
      codexPath: '/fake/codex',
      codexVersion: '0.0.0-fake',
      codexHome: null,
      startedAt: Date.now(),
    }
    const process = new FakeProcess(this.codex, record, thread)
    try {
      await this.#ledger.record(record)
    } catch (error) {
      process.end({ kind: 'closed', message: 'nobody could note it down' })
      throw error
    }
    if (!process.isAlive) {
      this.#ledger.forget(id)
      throw new ConnectorError('closed', 'The process ended before anybody was connected to it.')
    }
    return this.#connect(process, sink)
  }

  #connect(process: FakeProcess, sink: ConnectorSink): FakeConnector {
    const ledger = this.#ledger
    const connector = new FakeConnector(process, {
      receive: (event) => sink.receive(event),
      closed: (cause) => {
        if (!process.isAlive) ledger.forget(process.record.id)
        sink.closed(cause)
      },
    })
    this.connectors.push(connector)
    return connector
  }

  #thread(threadId: string): FakeThread {
    const thread = this.codex.threads.get(threadId)
    if (!thread) throw new ConnectorError('threadNotFound', 'Codex does not know this thread.', { threadId })
    return thread
  }
}
