/** Sockets with the browser's interface and no network: the test plays the hub at the other end. */
import type { WebSocketLike } from '../../src/client/web-socket-channel.ts'

export interface Sent {
  readonly id?: number
  readonly method: string
  readonly params: Record<string, unknown>
}

export class FakeWebSocket implements WebSocketLike {
  readonly url: string
  protocol = ''
  bufferedAmount = 0
  onopen: ((event: never) => void) | null = null
  onmessage: ((event: never) => void) | null = null
  onclose: ((event: never) => void) | null = null
  onerror: ((event: never) => void) | null = null
  readonly sent: Sent[] = []
  isClosed = false
  /** What was set first: a channel that has ended takes its listeners away, a late word still comes. */
  #first: Pick<WebSocketLike, 'onmessage' | 'onclose'> | null = null

  constructor(url: string, protocols: readonly string[]) {
    this.url = url
    this.protocol = protocols[0] ?? ''
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text))
  }

  close(): void {
    this.isClosed = true
  }

  open(): void {
    this.#first = { onmessage: this.onmessage, onclose: this.onclose }
    this.onopen?.({} as never)
  }

  /** The hub says something; `late`: although the socket was given up. */
  say(message: object, { late = false } = {}): void {
    const hear = late ? this.#first?.onmessage : this.onmessage
    hear?.({ data: JSON.stringify({ jsonrpc: '2.0', ...message }) } as never)
  }

  end(code = 1006, { late = false } = {}): void {
    const hear = late ? this.#first?.onclose : this.onclose
    hear?.({ code, reason: '' } as never)
  }

  /** The newest request of a method. */
  asked(method: string): Sent {
    const found = this.sent.findLast((message) => message.method === method)
    if (!found)
      throw new Error(`${method} was not sent; sent: ${this.sent.map((each) => each.method).join(', ')}`)
    return found
  }

  count(method: string): number {
    return this.sent.filter((message) => message.method === method).length
  }

  answer(method: string, result: object): void {
    this.say({ id: this.asked(method).id, result })
  }

  fail(method: string, error: object): void {
    this.say({ id: this.asked(method).id, error })
  }
}
