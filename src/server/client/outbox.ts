/**
 * What the hub has sent to one client and the client has not read yet. It sends frames as they are, tells when the
 * client is behind, wakes lagging subscriptions when there is room, and ends a client that stays behind.
 */
import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { Clock, Timer } from '../../base/clock.ts'
import type { Codec } from '../../protocol/codec.ts'
import type { Frame } from '../stream/frame.ts'
import type { Outlet, Subscription } from './subscription.ts'

/** A client's socket, and the line it stands on. */
export interface ClientSocket {
  readonly webSocket: WebSocket
  readonly line: Pick<Socket, 'cork' | 'uncork'>
}

export interface OutboxLimits {
  /** Unread bytes from which on streams wait. */
  readonly softBytes: number
  /** Unread bytes at which the client is closed. */
  readonly hardBytes: number
  /** How long a client may stay behind. Milliseconds. */
  readonly lagMs: number
}

export const OUTBOX_LIMITS: OutboxLimits = {
  softBytes: 1024 * 1024,
  hardBytes: 16 * 1024 * 1024,
  lagMs: 30_000,
}

/** How often a full outbox is looked at. Milliseconds. */
const LOOK_MS = 25

export class Outbox implements Outlet {
  readonly #socket: WebSocket
  readonly #line: ClientSocket['line']
  readonly #codec: Codec
  readonly #clock: Clock
  readonly #limits: OutboxLimits
  readonly #tooSlow: () => void
  readonly #lagging = new Set<Subscription>()
  #laggingSince = 0
  #timer: Timer | null = null
  #sentBytes = 0
  #isCorked = false

  constructor(
    { webSocket, line }: ClientSocket,
    codec: Codec,
    clock: Clock,
    limits: OutboxLimits,
    tooSlow: () => void,
  ) {
    this.#socket = webSocket
    this.#line = line
    this.#codec = codec
    this.#clock = clock
    this.#limits = limits
    this.#tooSlow = tooSlow
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount
  }

  get sentBytes(): number {
    return this.#sentBytes
  }

  get isFull(): boolean {
    return this.#socket.bufferedAmount > this.#limits.softBytes
  }

  get isLagging(): boolean {
    return this.#lagging.size > 0
  }

  send(frame: Frame): void {
    this.sendBuffer(frame.encoded(this.#codec))
  }

  sendBuffer(buffer: Buffer): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    this.#sentBytes += buffer.length
    this.#cork()
    // Frames are text to every client; ws takes the bytes as they are.
    this.#socket.send(buffer, { binary: false, compress: false, fin: true })
    if (this.#socket.bufferedAmount > this.#limits.hardBytes) this.#tooSlow()
  }

  /** What is sent in one go of the event loop leaves in one write: a system call costs more than a frame. */
  #cork(): void {
    if (this.#isCorked) return
    this.#isCorked = true
    this.#line.cork()
    process.nextTick(() => {
      this.#isCorked = false
      this.#line.uncork()
    })
  }

  lag(subscription: Subscription): void {
    if (this.#lagging.size === 0) this.#laggingSince = this.#clock.now()
    this.#lagging.add(subscription)
    this.#timer ??= this.#clock.after(LOOK_MS, () => this.#look())
  }

  close(): void {
    this.#timer?.cancel()
    this.#timer = null
    this.#lagging.clear()
  }

  #look(): void {
    this.#timer = null
    for (const subscription of [...this.#lagging]) {
      // One at a time: each may send a whole snapshot.
      if (this.#socket.bufferedAmount > this.#limits.softBytes / 4) break
      this.#lagging.delete(subscription)
      subscription.resume()
    }
    if (this.#lagging.size === 0) return
    if (this.#clock.now() - this.#laggingSince > this.#limits.lagMs) this.#tooSlow()
    else this.#timer = this.#clock.after(LOOK_MS, () => this.#look())
  }
}
