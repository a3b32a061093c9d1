/**
 * The SDK: one object per hub, for browsers and Node 22 or newer. It joins the connection, the subscriptions and the
 * open calls, and decides nothing about sessions. Nothing of Node may be imported here or below.
 */
import { type Clock, holdingClock } from '../base/clock.ts'
import type { ExportFormat } from '../protocol/export.ts'
import type { CommandName, MethodName, ParamsOf, ResultOf } from '../protocol/methods.ts'
import { SUBPROTOCOL_BEARER_PREFIX, SUBPROTOCOL_JSON, SUBPROTOCOL_SUPERJSON } from '../protocol/version.ts'
import { type CallOptions, Calls } from './calls.ts'
import { newCommandId } from './command-id.ts'
import { Connection, type ConnectionState } from './connection.ts'
import { type Hints, pageHints } from './hints.ts'
import type { ClientIdentity, SpeaksFor, Welcome } from './link.ts'
import type { Readable } from './observable.ts'
import { OpenStreams } from './open-streams.ts'
import {
  type AttentionHandle,
  type JobHandle,
  type ListHandle,
  type SessionHandle,
  Subscriptions,
} from './subscriptions.ts'
import { type ExportPiece, exportSession, importSession } from './transfer.ts'
import type { WebSocketConstructor } from './web-socket-channel.ts'
import { ClientClosedError } from './wire-error.ts'

export interface ConnectOptions {
  /** The hub's address: `http://127.0.0.1:4517`, or the socket's own `ws://127.0.0.1:4517/ws`. */
  readonly url: string | URL
  /** A page that the hub served leaves it out: its cookie speaks for it. */
  readonly token?: string
  readonly client: ClientIdentity
  /** The agent it acts for, with no more rights than that one has. */
  readonly agent?: SpeaksFor
  /** `superjson` gives back `Date`, `Map` and `Error` where the hub sends them. Default `json`. */
  readonly encoding?: 'json' | 'superjson'
  readonly webSocket?: WebSocketConstructor
  readonly clock?: Clock
  /** Numbers in [0, 1) for the jitter of reconnecting. */
  readonly random?: () => number
  /** When to look at once whether the connection still lives. Default: what the page tells. */
  readonly hints?: Hints
}

/** Queries give up after this long unless told otherwise; commands wait. */
export const QUERY_TIMEOUT_MS = 30_000

export type QueryName = Exclude<MethodName, CommandName>
export type CommandParams<M extends CommandName> = Omit<ParamsOf<M>, 'commandId'> & {
  /** Only to repeat an earlier command by hand; otherwise made here. */
  readonly commandId?: string
}

/**
 * Connect to a hub. Returns at once; `connection` tells how it goes. In Node the process lives until `close`, also while
 * a hub that went away is waited for. @throws TypeError for a bad address.
 */
export function connectHub(options: ConnectOptions): HubClient {
  return new HubClient(options)
}

export class HubClient {
  /** `live` only while every subscription is synchronized. */
  readonly connection: Readable<ConnectionState>
  /** By which the hub and other clients know this one. */
  readonly clientId: string
  readonly #connection: Connection
  readonly #subscriptions: Subscriptions
  readonly #calls: Calls
  #welcome: Welcome | null = null

  constructor(options: ConnectOptions) {
    const clock = options.clock ?? holdingClock
    const random = options.random ?? Math.random
    const WebSocket = options.webSocket ?? (globalThis.WebSocket as unknown as WebSocketConstructor)
    const url = socketUrl(options.url)
    const encoding = options.encoding === 'superjson' ? SUBPROTOCOL_SUPERJSON : SUBPROTOCOL_JSON
    const { token } = options
    this.clientId = options.client.id
    const subprotocols = token === undefined ? [encoding] : [encoding, `${SUBPROTOCOL_BEARER_PREFIX}${token}`]
    this.#calls = new Calls(clock)
    const streams = new OpenStreams({
      clock,
      random,
      caughtUp: () => this.#connection.caughtUp(),
      fellBehind: () => this.#connection.fellBehind(),
    })
    this.#subscriptions = new Subscriptions(streams, (sessionId, beforeSeq, limit) =>
      this.request('session/items', { sessionId, beforeSeq, limit }),
    )
    this.#connection = new Connection({
      clock,
      random,
      client: options.client,
      agent: options.agent,
      hints: options.hints ?? pageHints,
      open: () => new WebSocket(url, subprotocols),
      up: (link, welcome) => {
        this.#welcome = welcome
        // Streams first: a command's effect then arrives as a delta, not inside a snapshot.
        streams.up(link)
        this.#calls.up(link)
      },
      down: () => {
        streams.down()
        this.#calls.down()
      },
      notified: (notification) => this.#subscriptions.notified(notification),
      checked: () => streams.verify(),
      over: (error) => this.#calls.end(error),
    })
    this.connection = this.#connection.state
    this.#connection.start()
  }

  /** What the hub said of itself and of this client's scopes when it last greeted. */
  get welcome(): Welcome | null {
    return this.#welcome
  }

  /** Ask for something. Waits for a connection; asked again if the connection ends first. @throws HubError */
  request<M extends QueryName>(method: M, params: ParamsOf<M>, options?: CallOptions): Promise<ResultOf<M>> {
    return this.#calls.call(method, params, { timeoutMs: QUERY_TIMEOUT_MS, ...options })
  }

  /**
   * Have something done, at most once however often the connection breaks. @throws HubError; `indeterminate` means
   * that nobody knows whether it took effect, and only a person may try again.
   */
  command<M extends CommandName>(
    method: M,
    params: CommandParams<M>,
    options: CallOptions = {},
  ): Promise<ResultOf<M>> {
    const whole = { ...params, commandId: params.commandId ?? newCommandId() } as unknown as ParamsOf<M>
    return this.#calls.call(method, whole, options)
  }

  /** Follow one session. Handles of the same session share one subscription; release each. */
  session(sessionId: string): SessionHandle {
    return this.#subscriptions.session(sessionId)
  }

  /** Follow the list of sessions. */
  sessions(): ListHandle {
    return this.#subscriptions.list()
  }

  /** Follow the log of what asks for a person, in all sessions. */
  attention(): AttentionHandle {
    return this.#subscriptions.attention()
  }

  /** Follow a job: a quick command or a login. */
  job(jobId: string): JobHandle {
    return this.#subscriptions.job(jobId)
  }

  /** A session as a file: the pieces, one after the other. @throws HubError */
  exportSession(sessionId: string, format: ExportFormat = 'json'): AsyncGenerator<ExportPiece> {
    return exportSession(this, sessionId, format)
  }

  /** Make a session of an exported one (`json`), to be read here. @throws HubError `invalidFile`, `notPossible` */
  importSession(pieces: Iterable<string> | AsyncIterable<string>): Promise<ResultOf<'session/import'>> {
    return importSession(this, pieces)
  }

  /** Disconnect for good. Open calls reject with `ClientClosedError`. */
  close(): void {
    this.#calls.end(new ClientClosedError())
    this.#connection.close()
  }
}

function socketUrl(address: string | URL): string {
  const url = new URL(address)
  url.protocol = url.protocol.replace('http', 'ws')
  if (url.pathname === '/') url.pathname = '/ws'
  return url.href
}
