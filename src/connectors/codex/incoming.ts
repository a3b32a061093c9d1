/**
 * What Codex says of one thread, as events to the sink: its notifications, its requests, its end. It owns what is
 * remembered of them, and is silent once it was let go of. It asks Codex for nothing.
 */
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { CloseCause } from '../../jsonrpc/channel.ts'
import type { RpcRequest } from '../../jsonrpc/message.ts'
import type { ConnectorSink } from '../connector.ts'
import type { SessionEvent } from '../event.ts'
import { answerAtOnce, readApproval } from './approvals.ts'
import type { Conversation } from './conversation.ts'
import type { TranslateContext } from './notifications/rule.ts'
import type { OpenedThread } from './opened-thread.ts'
import { ReviewMode } from './review-mode.ts'
import { ThreadMemory } from './thread-memory.ts'
import { translate } from './translate.ts'
import type { TurnIds } from './turn-ids.ts'

export interface IncomingOptions {
  readonly instance: string
  readonly server: Conversation
  readonly opened: OpenedThread
  readonly turnIds: TurnIds
  readonly sink: ConnectorSink
  readonly clock: Clock
  readonly log: Log
}

export class Incoming {
  readonly memory: ThreadMemory
  readonly #options: IncomingOptions
  readonly #context: TranslateContext
  readonly #review: ReviewMode
  #isLetGo = false

  /** What the conversation brought since the thread was opened reaches the sink before this returns. */
  constructor(options: IncomingOptions) {
    const { server, opened, instance, turnIds } = options
    const { threadId, settings } = opened.thread
    this.#options = options
    this.#review = new ReviewMode(threadId)
    const running = opened.runningTurnId && turnIds.qualify(opened.runningTurnId)
    this.memory = new ThreadMemory(opened.status, running, settings)
    this.#context = {
      threadId,
      instance,
      turnIds,
      now: () => options.clock.now(),
      emit: (event) => this.emit(event),
    }
    server.listen({
      notification: (method, params) => this.#notified(method, params),
      request: (request) => this.#asked(request),
      closed: (cause) => this.#closed(cause),
    })
  }

  /** The turn as Codex takes it to be running, where the session's is a review. */
  codexTurnId(turnId: string): string {
    return this.#review.activeTurnId(this.#options.turnIds.raw(turnId))
  }

  emit(event: SessionEvent): void {
    if (this.#isUntoldTurn(event)) {
      const { turnId: id, item } = event
      const { startedAt } = item
      const turn = { id, status: 'inProgress', error: null, startedAt, completedAt: null } as const
      this.emit({ type: 'turnStarted', turn })
    }
    if (event.type !== 'append') {
      for (const key of this.memory.note(event)) this.emit({ type: 'approvalResolved', key })
    }
    if (!this.#isLetGo) this.#options.sink.receive(event)
  }

  /** The turn of a compaction ends, but nobody tells that it began (0.98). */
  #isUntoldTurn(event: SessionEvent): event is Extract<SessionEvent, { type: 'item' }> {
    return (
      event.type === 'item' &&
      event.item.type === 'contextCompaction' &&
      event.item.status === 'inProgress' &&
      this.memory.runningTurnId === null
    )
  }

  /** Nothing reaches the sink from here on. */
  letGo(): void {
    this.#isLetGo = true
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
    const { server, clock, log } = this.#options
    const atOnce = answerAtOnce(request.method, clock.now())
    if (atOnce) {
      server.respond(request.id, atOnce)
      return
    }
    const approval = readApproval(request, {
      ...this.#context,
      codexVersion: server.version,
      pathsOf: (itemId) => this.memory.pathsOf(itemId),
    })
    log.debug({ method: request.method, key: approval.request.key }, 'Codex asks')
    const { key, turnId } = approval.request
    this.memory.approvals.add(key, { id: request.id, turnId, offers: approval.offers })
    this.emit({ type: 'approvalRequested', approval: approval.request })
  }

  #closed(cause: CloseCause): void {
    if (this.#isLetGo) return
    this.#isLetGo = true
    this.#options.sink.closed(cause)
  }
}
