/**
 * One thread on one app-server, as a `Connector`. It translates both ways and decides nothing; all it remembers is
 * what Codex must be told again: open requests, settings for the next turn, which turn runs.
 */
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { CloseCause } from '../../jsonrpc/channel.ts'
import type { RpcRequest } from '../../jsonrpc/message.ts'
import type { ApprovalAnswer } from '../../protocol/approval.ts'
import type { Model } from '../../protocol/model.ts'
import { joinSettings, type SettingsRequest } from '../../protocol/settings.ts'
import {
  type Connector,
  ConnectorError,
  type ConnectorSink,
  type Operation,
  type TurnRequest,
} from '../connector.ts'
import type { HistoryTurn, SessionEvent } from '../event.ts'
import { answerAtOnce, readApproval } from './approvals.ts'
import { operationsOf } from './capabilities.ts'
import type { Conversation } from './conversation.ts'
import { asFields, asList, asText } from './decode.ts'
import type { JsonValue } from './generated/protocol.ts'
import { readHistory, readHistoryTurn } from './history.ts'
import type { Holding } from './holding.ts'
import { toUserInput } from './input.ts'
import { listModels } from './models.ts'
import type { TranslateContext } from './notifications/rule.ts'
import type { OpenedThread } from './opened-thread.ts'
import { readGoal } from './operations/goal.ts'
import type { Ask, ThreadLine } from './requests.ts'
import { ReviewMode } from './review-mode.ts'
import { settingsAfter, turnSettings } from './settings.ts'
import type { KnownThread, ThreadStatus } from './thread-facts.ts'
import { ThreadMemory } from './thread-memory.ts'
import { translate } from './translate.ts'
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
  readonly #context: TranslateContext
  readonly #memory: ThreadMemory
  readonly #ask: Ask = (method, params, timeoutMs) => this.#server.request(method, params, timeoutMs)
  #nextTurn: SettingsRequest
  #isLetGo = false
  readonly #review: ReviewMode

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
    this.#review = new ReviewMode(this.thread.threadId)
    this.line = {
      methods,
      ask: this.#ask,
      threadId: this.thread.threadId,
      codexTurnId: (turnId) => this.#turnIds.raw(turnId),
      hubTurnId: (codexTurnId) => this.#turnIds.qualify(codexTurnId),
    }
    const { status, runningTurnId } = opened
    this.#memory = new ThreadMemory(
      status,
      runningTurnId && this.#turnIds.qualify(runningTurnId),
      opened.thread.settings,
    )
    const operations = new Set(operationsOf(methods))
    if (opened.turns !== null) operations.add('history')
    if (holding.canJoin) operations.add('terminal')
    this.operations = operations
    this.#context = {
      threadId: this.thread.threadId,
      instance,
      turnIds: this.#turnIds,
      now: () => options.clock.now(),
      emit: (event) => this.#emit(event),
    }
    server.listen({
      notification: (method, params) => this.#notified(method, params),
      request: (request) => this.#asked(request),
      closed: (cause) => this.#closed(cause),
    })
    if (methods.has('thread/goal/get')) void this.#tellGoal()
  }

  /** The newest that Codex said. */
  get status(): ThreadStatus {
    return this.#memory.status
  }

  async startTurn(request: TurnRequest): Promise<{ turnId: string }> {
    const { commandId, input, settings, cwd, outputSchema } = request
    const wanted = joinSettings(this.#nextTurn, settings ?? {})
    const answer = await this.#ask('turn/start', {
      threadId: this.thread.threadId,
      clientUserMessageId: commandId,
      input: toUserInput(input),
      ...turnSettings(wanted, this.#memory.settings),
      ...(cwd === undefined ? {} : { cwd }),
      ...(outputSchema === undefined ? {} : { outputSchema: outputSchema as JsonValue }),
    })
    this.#nextTurn = {}
    // Releases that can change settings between turns also tell of changes; the others do neither.
    if (!this.#has('thread/settings/update') && (cwd !== undefined || Object.keys(wanted).length > 0)) {
      const facts = { settings: settingsAfter(wanted), ...(cwd === undefined ? {} : { cwd }) }
      this.#emit({ type: 'thread', facts })
    }
    const turnId = asText(asFields(asFields(answer)?.turn)?.id)
    if (turnId === null) {
      throw new ConnectorError('refused', 'Codex accepted the turn and did not name it.', { answer })
    }
    return { turnId: this.#turnIds.qualify(turnId) }
  }

  async interrupt(turnId: string): Promise<void> {
    const ended = this.#memory.turnEnd()
    const asked = this.#ask(
      'turn/interrupt',
      { threadId: this.thread.threadId, turnId: this.#review.activeTurnId(this.#turnIds.raw(turnId)) },
      INTERRUPT_TIMEOUT_MS,
    )
    await (this.#memory.runningTurnId === turnId ? Promise.race([asked, ended]) : asked)
  }

  async rename(name: string): Promise<void> {
    await this.#ask('thread/name/set', { threadId: this.thread.threadId, name })
  }

  async configure(settings: SettingsRequest): Promise<'now' | 'nextTurn'> {
    if (this.#has('thread/settings/update')) {
      await this.#ask('thread/settings/update', {
        threadId: this.thread.threadId,
        ...turnSettings(settings, this.#memory.settings),
      })
      return 'now'
    }
    this.#nextTurn = joinSettings(this.#nextTurn, settings)
    return 'nextTurn'
  }

  async answer(key: string, answer: ApprovalAnswer): Promise<void> {
    if (this.#server.isClosed)
      throw new ConnectorError('closed', 'Codex is gone; nobody waits for this answer.', { key })
    const { id, response } = this.#memory.approvals.take(key, answer)
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
    this.#isLetGo = true
    await this.#options.holding.detach()
  }

  async stop({ force = false }: { force?: boolean } = {}): Promise<void> {
    this.#isLetGo = true
    const running = this.#memory.runningTurnId
    const interrupt = running === null || this.#server.isClosed ? null : () => this.interrupt(running)
    await this.#options.holding.stop({ force, interrupt })
  }

  /** Codex tells of changes; what there was before is asked for. */
  async #tellGoal(): Promise<void> {
    const goal = await readGoal(this.line, this.thread.threadId).catch(() => null)
    if (goal) this.#emit({ type: 'goal', goal })
  }

  #has(method: string): boolean {
    return this.#options.methods.has(method)
  }

  #notified(method: string, params: unknown): void {
    const replacement = this.#review.replace(method, params)
    if (replacement) for (const each of replacement) this.#translate(each.method, each.params)
    else this.#translate(method, params)
  }

  #translate(method: string, params: unknown): void {
    try {
      if (translate(this.#context, method, params)) return
      this.#options.log.warn({ method }, 'a notification of Codex has an unknown shape and was dropped')
    } catch (error) {
      // One message may cost itself and nothing else (L18).
      this.#options.log.error({ err: error, method }, 'a notification of Codex could not be taken in')
    }
  }

  #asked(request: RpcRequest): void {
    const { clock, log } = this.#options
    const atOnce = answerAtOnce(request.method, clock.now())
    if (atOnce) {
      this.#server.respond(request.id, atOnce)
      return
    }
    const approval = readApproval(request, {
      ...this.#context,
      codexVersion: this.codexVersion,
      pathsOf: (itemId) => this.#memory.pathsOf(itemId),
    })
    log.debug({ method: request.method, key: approval.request.key }, 'Codex asks')
    const { key, turnId } = approval.request
    this.#memory.approvals.add(key, { id: request.id, turnId, offers: approval.offers })
    this.#emit({ type: 'approvalRequested', approval: approval.request })
  }

  #emit(event: SessionEvent): void {
    if (event.type !== 'append') {
      for (const key of this.#memory.note(event)) this.#emit({ type: 'approvalResolved', key })
    }
    if (!this.#isLetGo) this.#options.sink.receive(event)
  }

  #closed(cause: CloseCause): void {
    if (this.#isLetGo) return
    this.#isLetGo = true
    this.#options.sink.closed(cause)
  }
}
