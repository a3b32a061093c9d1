/**
 * The connection to one hub through all its links: when to try, when to give up, and what to tell people about it.
 * It owns the one current link; an event of any other is dropped.
 */
import type { Clock, Timer } from '../base/clock.ts'
import type { CloseCause } from '../jsonrpc/channel.ts'
import type { RpcNotification } from '../jsonrpc/message.ts'
import { shouldComeBack } from '../protocol/close-codes.ts'
import { Backoff } from './backoff.ts'
import type { Hints } from './hints.ts'
import { type ClientIdentity, Link, type SpeaksFor, type Welcome } from './link.ts'
import { Observable } from './observable.ts'
import type { WebSocketLike } from './web-socket-channel.ts'
import { RefusedError } from './wire-error.ts'

export type ConnectionState =
  | { readonly status: 'connecting' }
  /** Connected; the streams that were open are being brought up to date. */
  | { readonly status: 'catchingUp' }
  | { readonly status: 'live' }
  | { readonly status: 'offline'; readonly retryAt: number; readonly reason: string }
  /** For good: the hub will not have this client. */
  | { readonly status: 'refused'; readonly reason: string; readonly code: number | null }
  /** For good: `close` was called. */
  | { readonly status: 'closed' }

/** A connection that was live for this long starts its backoff anew when it ends. */
export const STABLE_MS = 5_000

export interface ConnectionOptions {
  readonly clock: Clock
  readonly random: () => number
  readonly client: ClientIdentity
  readonly agent?: SpeaksFor
  readonly hints: Hints
  open(): WebSocketLike
  /** The link has greeted. Whoever owns the streams calls `caughtUp` when all are synchronized. */
  up(link: Link, welcome: Welcome): void
  down(): void
  notified(notification: RpcNotification): void
  /** After a hint, and the link was found alive. */
  checked(): void
  /** There will be no further link. */
  over(error: RefusedError): void
}

export class Connection {
  readonly state = new Observable<ConnectionState>({ status: 'connecting' })
  readonly #options: ConnectionOptions
  readonly #backoff: Backoff
  readonly #stopHints: () => void
  #link: Link | null = null
  #retry: Timer | null = null
  #liveAt: number | null = null

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#backoff = new Backoff(options.random)
    this.#stopHints = options.hints(() => this.#wake())
  }

  /** Make the first try. Separate from construction, so that the caller's callbacks can use the connection. */
  start(): void {
    this.#try()
  }

  /** All streams are synchronized. */
  caughtUp(): void {
    if (this.#isOver || !this.#link) return
    this.#liveAt ??= this.#options.clock.now()
    if (this.state.getSnapshot().status !== 'live') this.state.set({ status: 'live' })
  }

  /** A stream fell behind and is being brought up to date. */
  fellBehind(): void {
    if (this.state.getSnapshot().status === 'live') this.state.set({ status: 'catchingUp' })
  }

  close(): void {
    if (this.#isOver) return
    this.#finish({ status: 'closed' })
  }

  get #isOver(): boolean {
    const { status } = this.state.getSnapshot()
    return status === 'refused' || status === 'closed'
  }

  #try(): void {
    this.#retry?.cancel()
    this.#retry = null
    if (this.state.getSnapshot().status !== 'connecting') this.state.set({ status: 'connecting' })
    let socket: WebSocketLike
    try {
      socket = this.#options.open()
    } catch (error) {
      // The constructor throws for what no retry cures: a bad address, a page that may not open insecure sockets.
      const reason = error instanceof Error ? error.message : String(error)
      this.#refuse(new RefusedError(reason, null))
      return
    }
    // **Invariant:** every callback asks whether its link is still the one. A late word of an old socket is nobody's.
    const link: Link = new Link(socket, {
      clock: this.#options.clock,
      client: this.#options.client,
      agent: this.#options.agent,
      ready: (welcome) => {
        if (this.#link === link) this.#ready(link, welcome)
      },
      notified: (notification) => {
        if (this.#link === link) this.#options.notified(notification)
      },
      ended: (cause) => {
        if (this.#link === link) this.#ended(cause)
      },
    })
    this.#link = link
  }

  #ready(link: Link, welcome: Welcome): void {
    this.state.set({ status: 'catchingUp' })
    this.#options.up(link, welcome)
  }

  #ended(cause: CloseCause): void {
    this.#link = null
    const { clock } = this.#options
    if (this.#liveAt !== null && clock.now() - this.#liveAt >= STABLE_MS) this.#backoff.reset()
    this.#liveAt = null
    this.#options.down()
    if (this.#isOver) return
    const refusal = refusalOf(cause)
    if (refusal) {
      this.#refuse(refusal)
      return
    }
    const waitMs = this.#backoff.next()
    this.#retry = clock.after(waitMs, () => this.#try())
    this.state.set({ status: 'offline', retryAt: clock.now() + waitMs, reason: cause.message })
  }

  #refuse(error: RefusedError): void {
    this.#options.over(error)
    this.#finish({ status: 'refused', reason: error.message, code: error.code })
  }

  #finish(state: ConnectionState): void {
    this.#stopHints()
    this.#retry?.cancel()
    this.state.set(state)
    this.#link?.close({ kind: 'closed', message: 'the client was closed' })
  }

  #wake(): void {
    if (this.#isOver) return
    if (this.#retry) this.#try()
    else this.#link?.check(() => this.#options.checked())
  }
}

function refusalOf(cause: CloseCause): RefusedError | null {
  if (cause.error instanceof RefusedError) return cause.error
  if (typeof cause.code !== 'number' || shouldComeBack(cause.code)) return null
  return new RefusedError(cause.message, cause.code)
}
