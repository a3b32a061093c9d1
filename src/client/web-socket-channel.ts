/**
 * A `MessageChannel` over a WebSocket with the browser's interface, which Node 22 and newer have too. It owns the
 * socket's listeners. **Invariant:** after the end nothing of the socket reaches anybody: a half-open socket may say
 * its last word minutes later, when another connection has taken over.
 */
import type { CloseCause, MessageChannel } from '../jsonrpc/channel.ts'

/** The part of the standard `WebSocket` that is used. */
export interface WebSocketLike {
  readonly protocol: string
  readonly bufferedAmount: number
  onopen: ((event: never) => void) | null
  onmessage: ((event: never) => void) | null
  onclose: ((event: never) => void) | null
  onerror: ((event: never) => void) | null
  send(text: string): void
  close(code?: number, reason?: string): void
}

export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike

export class WebSocketChannel implements MessageChannel {
  readonly #socket: WebSocketLike
  readonly #held: string[] = []
  #on: Parameters<MessageChannel['start']>[0] | null = null
  #cause: CloseCause | null = null

  /**
   * `opened` is called with the negotiated subprotocol, at most once and never after the end; `heard` before every
   * message, whatever is in it.
   */
  constructor(socket: WebSocketLike, on: { opened(subprotocol: string): void; heard(): void }) {
    this.#socket = socket
    socket.onopen = () => on.opened(socket.protocol)
    socket.onmessage = (event: { readonly data: unknown }) => {
      on.heard()
      // The hub sends text only.
      if (typeof event.data === 'string') this.#receive(event.data)
    }
    socket.onclose = (event: { readonly code: number; readonly reason: string }) =>
      this.#end({ kind: 'ended', message: event.reason || `close code ${event.code}`, code: event.code })
    // Says nothing useful by design of the standard; `close` follows.
    socket.onerror = () => {}
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount
  }

  send(text: string): void {
    if (this.#cause) return
    try {
      this.#socket.send(text)
    } catch (error) {
      this.close({ kind: 'failed', message: 'the socket refused a message', error })
    }
  }

  start(on: Parameters<MessageChannel['start']>[0]): void {
    this.#on = on
    for (const text of this.#held.splice(0)) on.message(text)
    if (this.#cause) on.close(this.#cause)
  }

  close(cause: CloseCause): void {
    if (this.#cause) return
    const socket = this.#socket
    // Kept: Node's socket emits an unhandled error without a listener when closed before it is open.
    socket.onerror = () => {}
    socket.close(1000)
    this.#end(cause)
  }

  #receive(text: string): void {
    if (this.#on) this.#on.message(text)
    else this.#held.push(text)
  }

  #end(cause: CloseCause): void {
    if (this.#cause) return
    this.#cause = cause
    const socket = this.#socket
    socket.onopen = null
    socket.onmessage = null
    socket.onclose = null
    this.#on?.close(cause)
  }
}
