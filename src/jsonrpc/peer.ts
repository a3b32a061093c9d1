/**
 * One end of a JSON-RPC 2.0 conversation. It owns the pending requests and settles each exactly once: by its answer,
 * its timeout, or the end of the channel with the first cause. A message that cannot be read costs that message only.
 */
import type { CloseCause, MessageChannel } from './channel.ts'
import {
  classify,
  type RequestId,
  type RpcErrorObject,
  type RpcNotification,
  type RpcRequest,
} from './message.ts'

/** The other side answered with an error. */
export class RemoteError extends Error {
  override readonly name = 'RemoteError'
  readonly code: number
  readonly data: unknown
  readonly method: string

  constructor(method: string, error: RpcErrorObject) {
    super(error.message)
    this.code = error.code
    this.data = error.data
    this.method = method
  }
}

/** The channel ended, or was never open, before an answer came: the outcome is unknown to the caller. */
export class PeerClosedError extends Error {
  override readonly name = 'PeerClosedError'
  readonly closeCause: CloseCause

  constructor(method: string, cause: CloseCause) {
    super(`${method}: the connection ended before an answer (${cause.message})`, { cause: cause.error })
    this.closeCause = cause
  }
}

/** No answer within the time the caller gave. A late answer is dropped. */
export class RequestTimeoutError extends Error {
  override readonly name = 'RequestTimeoutError'
  readonly method: string

  constructor(method: string, timeoutMs: number) {
    super(`${method}: no answer within ${timeoutMs} ms`)
    this.method = method
  }
}

export interface PeerOptions {
  /** Text ↔ value; plain JSON unless a richer encoding was negotiated. */
  readonly codec?: { encode(value: unknown): string; decode(text: string): unknown }
  /** Put `jsonrpc: "2.0"` on what is sent. Codex does not use it. Default true. */
  readonly tagged?: boolean
  onRequest(request: RpcRequest): void
  onNotification(notification: RpcNotification): void
  /** A message that is not JSON or not JSON-RPC. `id` is set when it could be read. */
  onInvalid?(text: string, why: string, id: RequestId | null, isJson: boolean): void
  onClose?(cause: CloseCause): void
}

interface Pending {
  readonly method: string
  resolve(result: unknown): void
  reject(error: Error): void
  readonly timer: NodeJS.Timeout | undefined
}

const PLAIN = {
  encode: (value: unknown) => JSON.stringify(value),
  decode: (text: string) => JSON.parse(text) as unknown,
}

export class Peer {
  readonly #channel: MessageChannel
  readonly #options: PeerOptions
  readonly #codec: NonNullable<PeerOptions['codec']>
  readonly #tag: { jsonrpc?: '2.0' }
  readonly #pending = new Map<RequestId, Pending>()
  #nextId = 0
  #cause: CloseCause | null = null

  constructor(channel: MessageChannel, options: PeerOptions) {
    this.#channel = channel
    this.#options = options
    this.#codec = options.codec ?? PLAIN
    this.#tag = options.tagged === false ? {} : { jsonrpc: '2.0' }
    channel.start({ message: (text) => this.#receive(text), close: (cause) => this.#end(cause) })
  }

  get isClosed(): boolean {
    return this.#cause !== null
  }

  get bufferedBytes(): number {
    return this.#channel.bufferedBytes
  }

  /**
   * Ask and wait for the answer.
   * @throws RemoteError, PeerClosedError or RequestTimeoutError.
   */
  request(method: string, params?: unknown, options: { timeoutMs?: number } = {}): Promise<unknown> {
    if (this.#cause) return Promise.reject(new PeerClosedError(method, this.#cause))
    const id = this.#nextId++
    // Encoded first: a value that cannot be encoded must not leave a pending request behind.
    let text: string
    try {
      text = this.#codec.encode({ ...this.#tag, id, method, params })
    } catch (error) {
      return Promise.reject(error)
    }
    return new Promise((resolve, reject) => {
      const { timeoutMs } = options
      const timer =
        timeoutMs === undefined
          ? undefined
          : setTimeout(() => {
              this.#pending.delete(id)
              reject(new RequestTimeoutError(method, timeoutMs))
            }, timeoutMs)
      this.#pending.set(id, { method, resolve, reject, timer })
      this.#channel.send(text)
    })
  }

  notify(method: string, params?: unknown): void {
    this.#send({ ...this.#tag, method, params })
  }

  respond(id: RequestId, result: unknown): void {
    this.#send({ ...this.#tag, id, result: result ?? null })
  }

  respondError(id: RequestId | null, error: RpcErrorObject): void {
    this.#send({ ...this.#tag, id, error })
  }

  /** End the conversation; pending requests reject with `cause` unless it had ended before. */
  close(cause: CloseCause = { kind: 'closed', message: 'closed by this side' }): void {
    this.#channel.close(cause)
    this.#end(cause)
  }

  #send(message: unknown): void {
    if (!this.#cause) this.#channel.send(this.#codec.encode(message))
  }

  #receive(text: string): void {
    // **Invariant:** nothing is reported after the end, also where a channel still delivers what it had.
    if (this.#cause) return
    let value: unknown
    try {
      value = this.#codec.decode(text)
    } catch (error) {
      this.#options.onInvalid?.(text, error instanceof Error ? error.message : String(error), null, false)
      return
    }
    const message = classify(value)
    switch (message.kind) {
      case 'request':
        this.#options.onRequest(message.request)
        break
      case 'notification':
        this.#options.onNotification(message.notification)
        break
      case 'result':
        this.#take(message.id)?.resolve(message.result)
        break
      case 'error': {
        const pending = message.id === null ? undefined : this.#take(message.id)
        if (pending) pending.reject(new RemoteError(pending.method, message.error))
        break
      }
      case 'invalid':
        this.#options.onInvalid?.(text, message.why, message.id, true)
        break
    }
  }

  #take(id: RequestId): Pending | undefined {
    const pending = this.#pending.get(id)
    if (!pending) return undefined
    this.#pending.delete(id)
    clearTimeout(pending.timer)
    return pending
  }

  #end(cause: CloseCause): void {
    if (this.#cause) return
    this.#cause = cause
    const pending = [...this.#pending.values()]
    this.#pending.clear()
    for (const entry of pending) {
      clearTimeout(entry.timer)
      entry.reject(new PeerClosedError(entry.method, cause))
    }
    this.#options.onClose?.(cause)
  }
}
