/**
 * The receiving half every channel shares. It holds messages back until `start`, tells the end once with the first
 * cause, and delivers nothing after it.
 */
import type { CloseCause, MessageChannel } from './channel.ts'

type Listener = Parameters<MessageChannel['start']>[0]

export class Delivery {
  #listener: Listener | null = null
  #backlog: string[] = []
  #cause: CloseCause | null = null
  #isTold = false
  readonly #onFault: (cause: CloseCause) => void

  /** `onFault`: the listener threw on a message; the channel ends itself with this cause. */
  constructor(onFault: (cause: CloseCause) => void) {
    this.#onFault = onFault
  }

  get hasEnded(): boolean {
    return this.#cause !== null
  }

  start(listener: Listener): void {
    if (this.#listener) throw new Error('a channel is started once; this one has a listener already')
    this.#listener = listener
    const backlog = this.#backlog
    this.#backlog = []
    for (const text of backlog) this.#deliver(text)
    this.#tell()
  }

  message(text: string): void {
    if (this.#cause) return
    if (this.#listener) this.#deliver(text)
    else this.#backlog.push(text)
  }

  end(cause: CloseCause): void {
    this.#cause ??= cause
    this.#tell()
  }

  #deliver(text: string): void {
    // What was held back before an end of the other side still belongs to the conversation, unless it was told to end.
    if (!this.#listener || this.#isTold) return
    try {
      this.#listener.message(text)
    } catch (error) {
      // A stream's event has nobody above it to catch this: it would take the whole process down.
      const why = error instanceof Error ? error.message : String(error)
      this.#onFault({ kind: 'failed', message: `a message could not be handled: ${why}`, error })
    }
  }

  #tell(): void {
    if (!this.#cause || !this.#listener || this.#isTold) return
    this.#isTold = true
    this.#backlog = []
    this.#listener.close(this.#cause)
  }
}
