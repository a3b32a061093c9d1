/**
 * A client of the hub with no code of the hub's: a WebSocket that asks and listens, and keeps nothing. Cheap enough for
 * a thousand of them in one process.
 */
import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { Cursor } from '../../src/protocol/cursor.ts'

export interface HubAddress {
  readonly url: string
  readonly token: string
}

interface Answer {
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

interface Told {
  readonly method: string
  readonly params: { readonly cursor: Cursor } & Record<string, unknown>
}

/** The hub said no, and why. */
export class RefusedByHub extends Error {
  override readonly name = 'RefusedByHub'
}

export class HubWire {
  readonly socket: WebSocket
  readonly #answers = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>()
  #nextId = 0
  /** Hears every notification. */
  onTold: (told: Told) => void = () => {}

  private constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (payload: Buffer) => {
      const message = JSON.parse(payload.toString('utf8'))
      if (message.method !== undefined) this.onTold(message)
      else {
        this.#answers.get(message.id)?.resolve(message)
        this.#answers.delete(message.id)
      }
    })
    socket.on('error', () => {})
    socket.on('close', (code) => {
      for (const { reject } of this.#answers.values()) reject(new Error(`The connection ended with ${code}.`))
    })
  }

  /** Connect and greet. */
  static async open({ url, token }: HubAddress): Promise<HubWire> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, {
      headers: { authorization: `Bearer ${token}` },
      perMessageDeflate: false,
    })
    const wire = new HubWire(socket)
    await once(socket, 'open')
    await wire.call('hub/hello', { protocolVersion: 1, client: { id: 'bench', name: 'bench' } })
    return wire
  }

  async call(method: string, params: unknown = {}): Promise<unknown> {
    this.#nextId += 1
    const id = this.#nextId
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    this.#answers.set(id, { resolve, reject })
    this.socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
    const { result, error } = await promise
    if (error) throw new RefusedByHub(`${method}: ${error.message}`)
    return result
  }

  /** Follow a stream. Resolves at its `synchronized`. @returns the cursor there */
  async follow(stream: 'session' | 'sessions', params: Record<string, unknown>): Promise<Cursor> {
    const { promise, resolve } = Promise.withResolvers<Cursor>()
    const before = this.onTold
    this.onTold = (told) => {
      before(told)
      if (told.method !== `${stream}/synchronized`) return
      this.onTold = before
      resolve(told.params.cursor)
    }
    await this.call(`${stream}/subscribe`, params)
    return promise
  }

  close(): void {
    this.socket.terminate()
  }
}
