/** A two-way stream of whole text messages: what a `Peer` talks over. Framing and encoding lie below it. */

/** Why a channel ended. The first cause wins; later ones are dropped. */
export interface CloseCause {
  /** `closed` by this side, `ended` by the other side, `failed` by an error, `exited` with the process behind it. */
  readonly kind: 'closed' | 'ended' | 'failed' | 'exited'
  readonly message: string
  /** Exit code or WebSocket close code. */
  readonly code?: number | null
  readonly signal?: string | null
  readonly error?: unknown
}

export interface MessageChannel {
  /** Send one message. Never throws; after the end it does nothing. */
  send(text: string): void
  /** Bytes accepted by `send` and not yet handed to the system. */
  readonly bufferedBytes: number
  /** Called once, before the first message. Messages that come earlier are held back. */
  start(on: { message(text: string): void; close(cause: CloseCause): void }): void
  /** End it. `close` is still called, once, with this cause unless another came first. */
  close(cause: CloseCause): void
}
