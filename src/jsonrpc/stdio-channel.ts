/**
 * A channel over a child's stdin and stdout, one message a line. It owns when the end is reported: after everything
 * the child wrote has been delivered, and with the exit of the process as cause whenever it exited. It never stops
 * reading stdout, even after the end, so that a child being stopped cannot block on a full pipe.
 */
import type { Readable, Writable } from 'node:stream'
import { type Clock, systemClock, type Timer } from '../base/clock.ts'
import type { CloseCause, MessageChannel } from './channel.ts'
import { Delivery } from './delivery.ts'
import { type DroppedLine, LineFramer } from './line-framer.ts'

/** Time for stdout to drain after the exit, and for the exit to be known after a pipe broke. */
const DEFAULT_SETTLE_MS = 2000

export interface StdioChannelOptions {
  readonly stdin: Writable
  readonly stdout: Readable
  /** Resolves when the process has exited; must not reject. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>
  readonly maxLineBytes?: number
  onDropped?(dropped: DroppedLine): void
  readonly settleMs?: number
  readonly clock?: Clock
}

export class StdioChannel implements MessageChannel {
  readonly #options: StdioChannelOptions
  readonly #framer: LineFramer
  readonly #delivery = new Delivery((cause) => this.close(cause))
  /** What ended it, once known; reported when stdout has drained or `#settling` runs out. */
  #cause: CloseCause | null = null
  #settling: Timer | null = null
  #hasStarted = false
  #hasExited = false
  #hasDrained = false

  constructor(options: StdioChannelOptions) {
    this.#options = options
    this.#framer = new LineFramer({
      onLine: (line) => this.#delivery.message(line),
      onDropped: (dropped) => options.onDropped?.(dropped),
      ...(options.maxLineBytes === undefined ? {} : { maxLineBytes: options.maxLineBytes }),
    })
    // EPIPE arrives here between the death of the child and the news of it.
    options.stdin.on('error', (error) => this.#broke('stdin', error))
    options.stdout.on('error', (error) => {
      this.#broke('stdout', error)
      this.#drained()
    })
    options.stdout.once('end', () => {
      this.#settle({ kind: 'ended', message: 'the process closed its stdout' })
      this.#drained()
    })
    options.stdout.once('close', () => this.#drained())
    void options.exited.then((exit) => this.#exited(exit.code, exit.signal))
  }

  get bufferedBytes(): number {
    return this.#options.stdin.writableLength
  }

  start(on: Parameters<MessageChannel['start']>[0]): void {
    this.#delivery.start(on)
    this.#hasStarted = true
    if (this.#cause) this.#armSettling()
    this.#options.stdout.on('data', (chunk: Buffer) => {
      if (!this.#delivery.hasEnded) this.#framer.push(chunk)
    })
  }

  /** `text` holds no LF; JSON never does. */
  send(text: string): void {
    const { stdin } = this.#options
    if (this.#delivery.hasEnded || !stdin.writable) return
    stdin.write(`${text}\n`)
  }

  /** Closes the child's stdin, which asks it to end; ending the process is its owner's affair. */
  close(cause: CloseCause): void {
    this.#cause ??= cause
    this.#finish()
  }

  #broke(stream: 'stdin' | 'stdout', error: Error): void {
    this.#settle({ kind: 'failed', message: `${stream} of the process broke: ${error.message}`, error })
  }

  #exited(code: number | null, signal: string | null): void {
    this.#hasExited = true
    // A pipe that broke a moment earlier is how the exit began, not another cause.
    if (!this.#delivery.hasEnded) {
      const how = signal === null ? `exited with code ${code}` : `was ended by ${signal}`
      this.#cause = { kind: 'exited', message: `the process ${how}`, code, signal }
    }
    if (this.#hasDrained) this.#finish()
    else this.#armSettling()
  }

  #drained(): void {
    if (this.#hasDrained) return
    this.#hasDrained = true
    if (!this.#delivery.hasEnded) this.#framer.end()
    if (this.#hasExited) this.#finish()
    else this.#settle({ kind: 'ended', message: 'the process closed its stdout' })
  }

  /** A pipe is gone: wait a little for the exit that explains it. */
  #settle(cause: CloseCause): void {
    this.#cause ??= cause
    this.#armSettling()
  }

  /** A grandchild that inherited stdout can hold it open for ever; the wait for its end is therefore finite. */
  #armSettling(): void {
    // Before the start nothing is read, so nothing can drain.
    if (!this.#hasStarted) return
    const { clock = systemClock, settleMs = DEFAULT_SETTLE_MS } = this.#options
    this.#settling ??= clock.after(settleMs, () => this.#finish())
  }

  #finish(): void {
    this.#settling?.cancel()
    if (this.#hasExited && !this.#hasDrained) this.#options.stdout.destroy()
    if (this.#delivery.hasEnded || !this.#cause) return
    this.#delivery.end(this.#cause)
    this.#options.stdin.end()
  }
}
