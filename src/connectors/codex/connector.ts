/**
 * One thread on one app-server, as a `Connector`: the commands of a session as requests to Codex; what Codex says comes in
 * through `incoming.ts`. It decides nothing, and all it keeps is the settings that wait for the next turn.
 */
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { ApprovalAnswer } from '../../protocol/approval.ts'
import type { Model } from '../../protocol/model.ts'
import { joinSettings, type SettingsRequest } from '../../protocol/settings.ts'
import type { Isolation } from '../../protocol/summary.ts'
import {
  type Connector,
  ConnectorError,
  type ConnectorSink,
  type Operation,
  type TurnRequest,
} from '../connector.ts'
import type { HistoryTurn } from '../event.ts'
import { operationsOf } from './capabilities.ts'
import type { Conversation } from './conversation.ts'
import { asFields, asList, asText } from './decode.ts'
import type { JsonValue } from './generated/protocol.ts'
import { readHistory, readHistoryTurn } from './history.ts'
import type { Holding } from './holding.ts'
import { Incoming } from './incoming.ts'
import { toUserInput } from './input.ts'
import { listModels } from './models.ts'
import type { OpenedThread } from './opened-thread.ts'
import { readGoal } from './operations/goal.ts'
import { readMcpStartups } from './operations/mcp.ts'
import { need } from './operations/need.ts'
import type { Ask, ThreadLine } from './requests.ts'
import { settingsAfter, turnSettings } from './settings.ts'
import type { KnownThread, ThreadStatus } from './thread-facts.ts'
import { TurnIds } from './turn-ids.ts'

export interface CodexConnectorOptions {
  readonly door: Connector['door']
  readonly instance: string
  readonly server: Conversation
  /** Methods this release of Codex knows. */
  readonly methods: ReadonlySet<string>
  readonly opened: OpenedThread
  readonly holding: Holding
  /** What opening a thread cannot set, and its next turn brings. */
  readonly nextTurn?: SettingsRequest
  readonly sink: ConnectorSink
  readonly clock: Clock
  readonly log: Log
}

/** Up to 0.120 an interrupt of a turn that is over is never answered; this is how long one waits to know. */
const INTERRUPT_TIMEOUT_MS = 15_000

export class CodexConnector implements Connector {
  readonly door: Connector['door']
  readonly instance: string
  readonly operations: ReadonlySet<Operation>
  readonly codexVersion: string | null
  readonly thread: KnownThread
  readonly line: ThreadLine
  readonly #options: CodexConnectorOptions
  readonly #server: Conversation
  readonly #turnIds: TurnIds
  readonly #incoming: Incoming
  readonly #ask: Ask = (method, params, timeoutMs) => this.#server.request(method, params, timeoutMs)
  #nextTurn: SettingsRequest

  /** What the conversation brought since the thread was opened reaches the sink before this returns. */
  constructor(options: CodexConnectorOptions) {
    const { server, opened, instance, methods, holding } = options
    this.#options = options
    this.#nextTurn = options.nextTurn ?? {}
    this.#server = server
    this.door = options.door
    this.instance = instance
    this.codexVersion = server.version
    this.thread = opened.thread
    this.#turnIds = new TurnIds(instance)
    this.line = {
      methods,
      ask: this.#ask,
      threadId: this.thread.threadId,
      codexTurnId: (turnId) => this.#turnIds.raw(turnId),
      hubTurnId: (codexTurnId) => this.#turnIds.qualify(codexTurnId),
    }
    const operations = new Set(operationsOf(methods))
    if (opened.turns !== null) operations.add('history')
    if (holding.canJoin) operations.add('terminal')
    this.operations = operations
    const { sink, clock, log } = options
    this.#incoming = new Incoming({ instance, server, opened, turnIds: this.#turnIds, sink, clock, log })
    if (methods.has('thread/goal/get')) void this.#tellGoal()
    if (opened.isJoined) void this.#tellMcpServers()
  }

  /** The newest that Codex said. */
  get status(): ThreadStatus {
    return this.#incoming.memory.status
  }

  async startTurn(request: TurnRequest): Promise<{ turnId: string }> {
    const { commandId, input, settings, cwd, outputSchema } = request
    const brought = this.#nextTurn
    const wanted = joinSettings(brought, settings ?? {})
    const answer = await this.#ask('turn/start', {
      threadId: this.thread.threadId,
      clientUserMessageId: commandId,
      input: toUserInput(input),
      ...turnSettings(wanted, this.#incoming.memory.settings),
      ...(cwd === undefined ? {} : { cwd }),
      ...(outputSchema === undefined ? {} : { outputSchema: outputSchema as JsonValue }),
    })
    // What was asked for meanwhile waits for the turn after this one.
    if (this.#nextTurn === brought) this.#nextTurn = {}
    // Releases that can change settings between turns also tell of changes; the others do neither.
    if (!this.#has('thread/settings/update') && (cwd !== undefined || Object.keys(wanted).length > 0)) {
      const facts = { settings: settingsAfter(wanted), ...(cwd === undefined ? {} : { cwd }) }
      this.#incoming.emit({ type: 'thread', facts })
    }
    const turnId = asText(asFields(asFields(answer)?.turn)?.id)
    if (turnId === null) {
      throw new ConnectorError('refused', 'Codex accepted the turn and did not name it.', { answer })
    }
    return { turnId: this.#turnIds.qualify(turnId) }
  }

  async interrupt(turnId: string): Promise<void> {
    const ended = this.#incoming.memory.turnEnd()
    const asked = this.#ask(
      'turn/interrupt',
      { threadId: this.thread.threadId, turnId: this.#incoming.codexTurnId(turnId) },
      INTERRUPT_TIMEOUT_MS,
    )
    await (this.#incoming.memory.runningTurnId === turnId ? Promise.race([asked, ended]) : asked)
  }

  async rename(name: string): Promise<void> {
    need(this.line, 'thread/name/set')
    await this.#ask('thread/name/set', { threadId: this.thread.threadId, name })
  }

  async configure(settings: SettingsRequest): Promise<'now' | 'nextTurn'> {
    if (this.#has('thread/settings/update')) {
      await this.#ask('thread/settings/update', {
        threadId: this.thread.threadId,
        ...turnSettings(settings, this.#incoming.memory.settings),
      })
      return 'now'
    }
    this.#nextTurn = joinSettings(this.#nextTurn, settings)
    return 'nextTurn'
  }

  async answer(key: string, answer: ApprovalAnswer): Promise<void> {
    if (this.#server.isClosed)
      throw new ConnectorError('closed', 'Codex is gone; nobody waits for this answer.', { key })
    const { id, response } = this.#incoming.memory.approvals.take(key, answer)
    this.#server.respond(id, response)
  }

  async readHistory({ maxTurns }: { maxTurns: number }): Promise<readonly HistoryTurn[]> {
    const { methods, opened } = this.#options
    if (!methods.has('thread/turns/list') && !methods.has('thread/read')) {
      // 0.80 tells the past only when it resumes the thread.
      return asList(opened.turns)
        .slice(-maxTurns)
        .flatMap((turn) => readHistoryTurn(turn) ?? [])
    }
    return readHistory(this.line, this.thread.threadId, maxTurns)
  }

  listModels(includeHidden: boolean): Promise<Model[]> {
    return listModels(this.#ask, includeHidden)
  }

  terminal(): { command: string[]; env: Record<string, string> } | null {
    return this.#options.holding.terminal(this.thread.threadId)
  }

  hasCompany(): Promise<boolean> {
    return this.#options.holding.hasCompany()
  }

  async detach(): Promise<void> {
    this.#incoming.letGo()
    await this.#options.holding.detach()
  }

  get isolation(): Isolation | null {
    return this.#options.holding.isolation
  }

  async stop({ force = false }: { force?: boolean } = {}): Promise<void> {
    this.#incoming.letGo()
    const running = this.#incoming.memory.runningTurnId
    const interrupt = running === null || this.#server.isClosed ? null : () => this.interrupt(running)
    await this.#options.holding.stop({ force, interrupt, turnEnd: this.#incoming.memory.turnEnd() })
  }

  /** Codex tells of changes; what there was before is asked for. */
  async #tellGoal(): Promise<void> {
    const goal = await readGoal(this.line, this.thread.threadId).catch(() => null)
    if (goal) this.#incoming.emit({ type: 'goal', goal })
  }

  async #tellMcpServers(): Promise<void> {
    const { codexVersion, thread } = this
    const known = { cwd: thread.cwd ?? null, codexVersion }
    for (const server of await readMcpStartups(this.line, known).catch(() => [])) {
      this.#incoming.emit({ type: 'mcpServer', server })
    }
  }

  #has(method: string): boolean {
    return this.#options.methods.has(method)
  }
}
