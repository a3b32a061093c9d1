/**
 * Two channel ends in memory. Nothing moves by itself: the test delivers message by message, in the order it likes, so
 * that what happens between two messages is its choice and not the scheduler's.
 */
import type { CloseCause, MessageChannel } from '../../src/jsonrpc/channel.ts'
import { Delivery } from '../../src/jsonrpc/delivery.ts'

export class MemoryChannel implements MessageChannel {
  readonly #delivery = new Delivery((cause) => this.close(cause))
  readonly #sent: string[] = []
  /** Set once by `memoryPair`. */
  other!: MemoryChannel

  get bufferedBytes(): number {
    return this.#sent.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  }

  /** What this end sent and was not delivered yet, oldest first. */
  get sent(): readonly string[] {
    return this.#sent
  }

  get isClosed(): boolean {
    return this.#delivery.hasEnded
  }

  start(on: Parameters<MessageChannel['start']>[0]): void {
    this.#delivery.start(on)
  }

  send(text: string): void {
    if (!this.#delivery.hasEnded) this.#sent.push(text)
  }

  close(cause: CloseCause): void {
    this.#delivery.end(cause)
  }

  /** Hand the oldest message of this end to the other. @returns it, or undefined when there is none. */
  deliver(): string | undefined {
    const text = this.#sent.shift()
    if (text !== undefined) this.other.#delivery.message(text)
    return text
  }

  deliverAll(): void {
    while (this.deliver() !== undefined);
  }

  /** Throw away the oldest message, as a connection that broke would. */
  lose(): string | undefined {
    return this.#sent.shift()
  }
}

export function memoryPair(): { near: MemoryChannel; far: MemoryChannel } {
  const near = new MemoryChannel()
  const far = new MemoryChannel()
  near.other = far
  far.other = near
  return { near, far }
}
