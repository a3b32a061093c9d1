/**
 * One client's place in one stream. While the client reads too slowly it takes nothing; once there is room again it
 * asks the stream for what it lacks, which is the replay or one fresh snapshot, never a backlog (L7).
 */
import type { Cursor } from '../../protocol/cursor.ts'
import { Frame, type Notification } from '../stream/frame.ts'
import type { SubscribeAnswer, Subscriber } from '../stream/stream.ts'

/** The part of a stream that a subscription needs. */
export interface Followed {
  readonly cursor: Cursor
  subscribe(subscriber: Subscriber, cursor: Cursor | undefined): SubscribeAnswer
  catchUp(cursor: Cursor | undefined): SubscribeAnswer
  unsubscribe(subscriber: Subscriber): void
}

/** Where frames go. */
export interface Outlet {
  /** True when the client has more unread than it should. */
  readonly isFull: boolean
  send(frame: Frame): void
  /** Call the subscription's `resume` once there is room. */
  lag(subscription: Subscription): void
}

export class Subscription implements Subscriber {
  readonly #stream: Followed
  readonly #outlet: Outlet
  readonly #synchronized: (cursor: Cursor) => Notification
  #cursor: Cursor | undefined
  #isLagging = false
  #isEnded = false

  constructor(stream: Followed, outlet: Outlet, synchronized: (cursor: Cursor) => Notification) {
    this.#stream = stream
    this.#outlet = outlet
    this.#synchronized = synchronized
  }

  get isLagging(): boolean {
    return this.#isLagging
  }

  /**
   * Join the stream. The caller sends its reply and then calls `first` in the same synchronous step, so that the
   * reply, the missing frames and the live ones reach the client in this order.
   */
  begin(cursor: Cursor | undefined): { answer: SubscribeAnswer; cursor: Cursor; first(): void } {
    const answer = this.#stream.subscribe(this, cursor)
    this.#cursor = cursor
    return { answer, cursor: this.#stream.cursor, first: () => this.#sendAll(answer) }
  }

  deliver(frame: Frame): void {
    if (this.#isLagging) return
    if (this.#outlet.isFull) {
      this.#isLagging = true
      this.#outlet.lag(this)
      return
    }
    this.#outlet.send(frame)
    this.#cursor = frame.cursor
  }

  /** There is room again: send what was missed. */
  resume(): void {
    if (this.#isEnded || !this.#isLagging) return
    this.#isLagging = false
    this.#sendAll(this.#stream.catchUp(this.#cursor))
  }

  end(): void {
    this.#isEnded = true
    this.#stream.unsubscribe(this)
  }

  #sendAll(answer: SubscribeAnswer): void {
    for (const frame of answer.frames) this.#outlet.send(frame)
    this.#cursor = this.#stream.cursor
    this.#outlet.send(new Frame(this.#cursor, this.#synchronized(this.#cursor)))
  }
}
