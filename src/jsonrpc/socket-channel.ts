/**
 * A channel over an open WebSocket of the `ws` package, of either side. One message is one frame. It owns the socket's
 * listeners, so no error of the socket goes uncaught; it knows nothing of who is at the other end.
 */
import { WebSocket } from 'ws'
import { type Clock, systemClock } from '../base/clock.ts'
import type { CloseCause, MessageChannel } from './channel.ts'
import { Delivery } from './delivery.ts'

/** `close()` alone frees nothing while the other side does not read; after this the socket is destroyed. */
const DEFAULT_TERMINATE_AFTER_MS = 1000
const NORMAL_CLOSURE = 1000
/** Reserved code: the connection went away without a close frame. */
const ABNORMAL_CLOSURE = 1006
/** RFC 6455: a reason is at most 123 bytes. */
const MAX_REASON_BYTES = 123

export interface SocketChannelOptions {
  readonly terminateAfterMs?: number
  readonly clock?: Clock
}

export class SocketChannel implements MessageChannel {
  readonly #socket: WebSocket
  readonly #options: SocketChannelOptions
  readonly #delivery = new Delivery((cause) => this.close(cause))
  #error: Error | null = null

  /** `socket` is open already. */
  constructor(socket: WebSocket, options: SocketChannelOptions = {}) {
    this.#socket = socket
    this.#options = options
    socket.on('message', (frame) => this.#delivery.message(decode(frame)))
    socket.on('error', (error) => {
      this.#error ??= error
    })
    socket.on('close', (code, reason) => this.#delivery.end(this.#causeOf(code, reason)))
    // It closed before it got here; no event will say so again.
    if (socket.readyState === WebSocket.CLOSED) this.#delivery.end(this.#causeOf(ABNORMAL_CLOSURE, NO_REASON))
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount
  }

  start(on: Parameters<MessageChannel['start']>[0]): void {
    this.#delivery.start(on)
  }

  send(text: string): void {
    if (this.#delivery.hasEnded || this.#socket.readyState !== WebSocket.OPEN) return
    this.#socket.send(text, (error) => {
      if (error) this.#error ??= error
    })
  }

  /** A `code` in the cause that the protocol lets an endpoint send becomes the close code of the socket. */
  close(cause: CloseCause): void {
    if (this.#delivery.hasEnded) return
    this.#delivery.end(cause)
    this.#socket.close(sendableCode(cause.code), cutToBytes(cause.message, MAX_REASON_BYTES))
    const { clock = systemClock, terminateAfterMs = DEFAULT_TERMINATE_AFTER_MS } = this.#options
    const timer = clock.after(terminateAfterMs, () => this.#socket.terminate())
    this.#socket.once('close', () => timer.cancel())
  }

  #causeOf(code: number, reason: Buffer): CloseCause {
    const text = reason.toString('utf8')
    if (this.#error) {
      return {
        kind: 'failed',
        message: `the socket failed: ${this.#error.message}`,
        code,
        error: this.#error,
      }
    }
    const message =
      code === ABNORMAL_CLOSURE
        ? 'the connection was lost without a close frame'
        : `the other side closed the socket with code ${code}${text === '' ? '' : `: ${text}`}`
    return { kind: 'ended', message, code }
  }
}

const NO_REASON = Buffer.alloc(0)

function decode(frame: Buffer | ArrayBuffer | Buffer[]): string {
  if (Array.isArray(frame)) return Buffer.concat(frame).toString('utf8')
  return (frame instanceof ArrayBuffer ? Buffer.from(frame) : frame).toString('utf8')
}

/** Codes an endpoint may send: `ws` throws on any other. */
function sendableCode(code: number | null | undefined): number {
  if (typeof code !== 'number') return NORMAL_CLOSURE
  const isStandard = code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)
  return isStandard || (code >= 3000 && code <= 4999) ? code : NORMAL_CLOSURE
}

function cutToBytes(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= maxBytes) return text
  let end = maxBytes
  // Step back out of the middle of a UTF-8 sequence.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return bytes.toString('utf8', 0, end)
}
