/**
 * One connected client: its conversation, its subscriptions and its unread bytes. Everything of a client ends in one
 * place (`#end`), whatever ended it.
 */
import type { WebSocket } from 'ws'
import type { Clock, Timer } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { RequestId, RpcRequest } from '../../jsonrpc/message.ts'
import { classify } from '../../jsonrpc/message.ts'
import type { Actor } from '../../protocol/approval.ts'
import { CLOSE_CODES, type CloseName } from '../../protocol/close-codes.ts'
import type { Codec } from '../../protocol/codec.ts'
import { ERRORS, HubError } from '../../protocol/errors.ts'
import type { Scope } from '../../protocol/methods/shape.ts'
import type { NotificationName, NotificationParams } from '../../protocol/notifications.ts'
import type { AgentSeat } from '../agents/seat.ts'
import { type ClientSocket, Outbox, type OutboxLimits } from './outbox.ts'
import type { Subscription } from './subscription.ts'

/** A result with something to do right after it was sent, in the same synchronous step. */
export class ReplyThen {
  readonly result: unknown
  readonly run: () => void

  constructor(result: unknown, run: () => void) {
    this.result = result
    this.run = run
  }
}

export interface ClientPorts {
  readonly clock: Clock
  readonly log: Log
  readonly limits: OutboxLimits
  /** Carry out a request. Returns its result, or a function that makes it in one synchronous step (`ReplyThen`). */
  dispatch(client: Client, request: RpcRequest): Promise<unknown>
  ended(client: Client): void
}

const HELLO_MS = 10_000
export const HEARTBEAT_MS = 15_000
/** So many messages that nobody can read end a client. */
const MAX_INVALID = 100
/** Requests of one client that may be under way at once. */
const MAX_IN_FLIGHT = 256

export class Client {
  readonly key: string
  readonly outbox: Outbox
  readonly subscriptions = new Map<string, Subscription>()
  readonly #socket: WebSocket
  readonly #codec: Codec
  readonly #ports: ClientPorts
  readonly #log: Log
  #identity: Actor | null = null
  #scopes: ReadonlySet<Scope>
  #agent: AgentSeat | null = null
  #helloTimer: Timer | null
  #heartbeat: Timer | null = null
  #isAlive = true
  #invalid = 0
  #inFlight = 0
  #isEnded = false

  constructor(key: string, socket: ClientSocket, codec: Codec, scopes: readonly Scope[], ports: ClientPorts) {
    const { webSocket } = socket
    this.key = key
    this.#scopes = new Set(scopes)
    this.#socket = webSocket
    this.#codec = codec
    this.#ports = ports
    this.#log = ports.log.child({ client: key })
    this.outbox = new Outbox(socket, codec, ports.clock, ports.limits, () => this.close('tooSlow'))
    this.#helloTimer = ports.clock.after(HELLO_MS, () => this.close('helloTimeout'))
    webSocket.on('message', (payload: Buffer) => this.#receive(payload))
    webSocket.on('pong', () => {
      this.#isAlive = true
    })
    // ws reports protocol violations and resets here; `close` follows.
    webSocket.on('error', (error) => this.#log.debug({ err: error }, 'socket error'))
    webSocket.on('close', () => this.#end())
    this.#beat()
  }

  /** Who the client says it is; null before `hub/hello`. */
  get identity(): Actor | null {
    return this.#identity
  }

  get scopes(): ReadonlySet<Scope> {
    return this.#scopes
  }

  /** The agent this client speaks for; null for a person's. */
  get agent(): AgentSeat | null {
    return this.#agent
  }

  /** Speak for an agent from here on, with no more than these scopes. There is no way back. */
  narrow(agent: AgentSeat, scopes: readonly Scope[]): void {
    this.#agent = agent
    this.#scopes = new Set(scopes.filter((scope) => this.#scopes.has(scope)))
  }

  greet(identity: Actor): void {
    this.#identity = identity
    this.#helloTimer?.cancel()
    this.#helloTimer = null
  }

  follow(key: string, subscription: Subscription): void {
    this.unfollow(key)
    this.subscriptions.set(key, subscription)
  }

  unfollow(key: string): void {
    this.subscriptions.get(key)?.end()
    this.subscriptions.delete(key)
  }

  /** Say something that belongs to no stream. */
  notify<N extends NotificationName>(method: N, params: NotificationParams<N>): void {
    this.#send({ jsonrpc: '2.0', method, params })
  }

  /** Close with a reason the client understands; a second later the socket is gone, read or not. */
  close(name: CloseName): void {
    if (this.#isEnded) return
    const { code } = CLOSE_CODES[name]
    this.#log.info({ code, reason: name, bufferedBytes: this.outbox.bufferedBytes }, 'client closed')
    this.#socket.close(code, name)
    this.#end()
    this.#ports.clock.after(1_000, () => this.#socket.terminate())
  }

  #receive(payload: Buffer): void {
    if (this.#isEnded) return
    this.#isAlive = true
    let value: unknown
    try {
      value = this.#codec.decode(payload.toString('utf8'))
    } catch {
      this.#invalidMessage(null, 'parseError', payload)
      return
    }
    const message = classify(value)
    if (message.kind === 'request')
      this.#answer(message.request).catch((error: unknown) =>
        this.#log.error({ err: error }, 'an answer could not be written'),
      )
    else if (message.kind === 'invalid') this.#invalidMessage(message.id, 'invalidRequest', payload)
    // Notifications and results are not part of what clients send; they cost nothing and change nothing.
  }

  async #answer(request: RpcRequest): Promise<void> {
    if (this.#inFlight >= MAX_IN_FLIGHT) {
      const error = new HubError(
        'overloaded',
        `More than ${MAX_IN_FLIGHT} requests are under way on this connection.`,
      )
      this.#fail(request.id, error)
      return
    }
    this.#inFlight += 1
    try {
      let result = await this.#ports.dispatch(this, request)
      // It left meanwhile: what it would follow now, nobody would ever let go of.
      if (this.#isEnded) return
      if (typeof result === 'function') result = (result as () => unknown)()
      if (result instanceof ReplyThen) {
        this.#send({ jsonrpc: '2.0', id: request.id, result: result.result })
        result.run()
      } else this.#send({ jsonrpc: '2.0', id: request.id, result })
    } catch (error) {
      if (!(error instanceof HubError) || error.data.name === 'internal') {
        this.#log.error({ err: error, method: request.method }, 'a request failed')
      }
      this.#fail(request.id, error)
    } finally {
      this.#inFlight -= 1
    }
  }

  #fail(id: RequestId | null, error: unknown): void {
    const known =
      error instanceof HubError
        ? error
        : new HubError('internal', 'The hub failed on this request; see its log.')
    this.#send({ jsonrpc: '2.0', id, error: { code: known.code, message: known.message, data: known.data } })
  }

  #invalidMessage(id: RequestId | null, name: 'parseError' | 'invalidRequest', payload: Buffer): void {
    this.#invalid += 1
    this.#log.warn(
      { text: payload.subarray(0, 2_000).toString('utf8'), bytes: payload.length },
      ERRORS[name].says,
    )
    this.#fail(id, new HubError(name, ERRORS[name].says))
    if (this.#invalid >= MAX_INVALID) this.close('protocolError')
  }

  #send(message: unknown): void {
    if (!this.#isEnded) this.outbox.sendBuffer(Buffer.from(this.#codec.encode(message), 'utf8'))
  }

  #beat(): void {
    this.#heartbeat = this.#ports.clock.after(HEARTBEAT_MS, () => {
      if (!this.#isAlive) {
        this.close('unresponsive')
        return
      }
      this.#isAlive = false
      if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping()
      this.#beat()
    })
  }

  #end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#helloTimer?.cancel()
    this.#heartbeat?.cancel()
    for (const subscription of this.subscriptions.values()) subscription.end()
    this.subscriptions.clear()
    this.outbox.close()
    this.#ports.ended(this)
  }
}
