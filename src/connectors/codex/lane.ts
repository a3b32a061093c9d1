/**
 * One thread's part of a connection that many share. It holds back what comes before somebody listens, and ends by itself
 * when its listener cannot take something in.
 */
import type { Log } from '../../base/log.ts'
import type { CloseCause } from '../../jsonrpc/channel.ts'
import type { RequestId, RpcRequest } from '../../jsonrpc/message.ts'
import { ConnectorError } from '../connector.ts'
import type { AppServer } from './app-server.ts'
import type { Response } from './approval-offer.ts'
import { Backlog } from './backlog.ts'
import type { Conversation, ConversationListener } from './conversation.ts'
import type { Requests } from './requests.ts'

export class Lane implements Conversation {
  readonly #server: AppServer
  readonly #log: Log
  readonly #leave: () => void
  #listener: ConversationListener | null = null
  readonly #backlog = new Backlog()
  #cause: CloseCause | null = null
  #isLeft = false

  constructor(server: AppServer, log: Log, leave: () => void) {
    this.#server = server
    this.#log = log
    this.#leave = leave
  }

  get version(): string | null {
    return this.#server.version
  }

  get isClosed(): boolean {
    return this.#isLeft || this.#cause !== null || this.#server.isClosed
  }

  request<M extends keyof Requests>(method: M, params: Requests[M], timeoutMs?: number): Promise<unknown> {
    if (!this.#isLeft && this.#cause === null) return this.#server.request(method, params, timeoutMs)
    const why = this.#cause?.message ?? 'the hub has let go of this thread'
    return Promise.reject(new ConnectorError('closed', `${method}: ${why}.`, { method }))
  }

  respond(id: RequestId, response: Response): void {
    if (!this.isClosed) this.#server.respond(id, response)
  }

  listen(listener: ConversationListener): void {
    this.#listener = listener
    this.#backlog.tell(listener)
    if (this.#cause) listener.closed(this.#cause)
  }

  close(): void {
    this.#isLeft = true
    this.#listener = null
    this.#backlog.clear()
    this.#leave()
  }

  notification(method: string, params: unknown): void {
    const listener = this.#listener
    if (!listener) {
      if (!this.#isLeft) this.#backlog.notification(method, params)
      return
    }
    // Thousands a second: no function is made for each.
    try {
      listener.notification(method, params)
    } catch (error) {
      this.#failed(error)
    }
  }

  asked(request: RpcRequest): void {
    const listener = this.#listener
    if (listener) this.#tell(() => listener.request(request))
    else if (!this.#isLeft) this.#backlog.request(request)
  }

  end(cause: CloseCause): void {
    if (this.#cause || this.#isLeft) return
    this.#cause = cause
    this.#leave()
    const listener = this.#listener
    if (listener) this.#tell(() => listener.closed(cause))
  }

  /** **Invariant:** a listener that throws ends its own lane, and neither the connection nor another thread. */
  #tell(tell: () => void): void {
    try {
      tell()
    } catch (error) {
      this.#failed(error)
    }
  }

  #failed(error: unknown): void {
    this.#log.error({ err: error }, 'what Codex sent of a thread could not be handled')
    const why = error instanceof Error ? error.message : String(error)
    this.end({ kind: 'failed', message: `a message could not be handled: ${why}`, error })
  }
}
