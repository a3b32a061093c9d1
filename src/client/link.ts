/**
 * One generation of the connection: one socket, its greeting, its liveness, its end. A link never comes back; the
 * connection makes a new one. **Invariant:** `ended` is called once, and no other event after it.
 */
import type { Clock, Timer } from '../base/clock.ts'
import type { CloseCause } from '../jsonrpc/channel.ts'
import type { RpcNotification } from '../jsonrpc/message.ts'
import { Peer } from '../jsonrpc/peer.ts'
import { type Codec, codecFor, jsonCodec } from '../protocol/codec.ts'
import { isHubError } from '../protocol/errors.ts'
import type { MethodName, ParamsOf, ResultOf } from '../protocol/methods.ts'
import { PROTOCOL_VERSION } from '../protocol/version.ts'
import { Liveness } from './liveness.ts'
import { WebSocketChannel, type WebSocketLike } from './web-socket-channel.ts'
import { RefusedError, translate } from './wire-error.ts'

/** From the first byte to the answer of `hub/hello`. */
export const GREETING_MS = 10_000

export type Welcome = ResultOf<'hub/hello'>
export type ClientIdentity = ParamsOf<'hub/hello'>['client']

/** On whose behalf a client acts, where it is not its own. */
export type SpeaksFor = ParamsOf<'hub/hello'>['agent']

export interface LinkOptions {
  readonly clock: Clock
  readonly client: ClientIdentity
  readonly agent?: SpeaksFor
  /** The hub answered the greeting. */
  ready(welcome: Welcome): void
  notified(notification: RpcNotification): void
  /** `cause.error` is a `RefusedError` when the hub will not have this client. */
  ended(cause: CloseCause): void
}

export class Link {
  readonly #options: LinkOptions
  readonly #peer: Peer
  readonly #greeting: Timer
  #codec: Codec = jsonCodec
  #liveness: Liveness | null = null

  constructor(socket: WebSocketLike, options: LinkOptions) {
    this.#options = options
    this.#greeting = options.clock.after(GREETING_MS, () =>
      this.close({ kind: 'failed', message: `no greeting within ${GREETING_MS} ms` }),
    )
    const channel = new WebSocketChannel(socket, {
      opened: (subprotocol) => {
        this.#codec = codecFor(subprotocol)
        this.#greet()
      },
      heard: () => this.#liveness?.heard(),
    })
    this.#peer = new Peer(channel, {
      // Not known before the socket is open, and nothing is encoded before that.
      codec: {
        encode: (value) => this.#codec.encode(value),
        decode: (text) => this.#codec.decode(text),
      },
      // The hub asks nothing of its clients; silence would leave a newer one waiting.
      onRequest: ({ id, method }) =>
        this.#peer.respondError(id, { code: -32601, message: `This client does not answer ${method}.` }),
      onNotification: (notification) => options.notified(notification),
      onClose: (cause) => {
        this.#greeting.cancel()
        this.#liveness?.stop()
        options.ended(cause)
      },
    })
  }

  /** @throws HubError, or PeerClosedError when the link ends first. */
  async request<M extends MethodName>(method: M, params: ParamsOf<M>): Promise<ResultOf<M>> {
    try {
      return (await this.#peer.request(method, params)) as ResultOf<M>
    } catch (error) {
      throw translate(error)
    }
  }

  /** Make sure, quickly, that the other side is there; then call `alive`. A dead link ends. */
  check(alive: () => void): void {
    this.#liveness?.check(alive)
  }

  close(cause: CloseCause): void {
    this.#peer.close(cause)
  }

  #greet(): void {
    const { client, agent, clock } = this.#options
    const hello = { protocolVersion: PROTOCOL_VERSION, client, ...(agent && { agent }) }
    this.request('hub/hello', hello).then(
      (welcome) => {
        if (this.#peer.isClosed) return
        this.#greeting.cancel()
        this.#liveness = new Liveness({
          clock,
          heartbeatMs: welcome.heartbeatMs,
          ping: () => this.request('hub/ping', {}),
          dead: (why) => this.close({ kind: 'failed', message: why }),
        })
        this.#options.ready(welcome)
      },
      (error: Error) => {
        const isFinal = isHubError(error) && error.data.retry === 'never'
        const refusal = isFinal ? new RefusedError(error.message, error.code) : error
        this.close({ kind: 'failed', message: error.message, error: refusal })
      },
    )
  }
}
