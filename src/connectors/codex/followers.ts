/** Who hears what a process without a thread says unasked: the questions that are open, and nobody else. */
import type { CloseCause } from '../../jsonrpc/channel.ts'
import type { RpcRequest } from '../../jsonrpc/message.ts'
import { REFUSED } from './approval-offer.ts'
import type { Conversation, ConversationListener } from './conversation.ts'

interface Follower {
  notified(method: string, params: unknown): void
  closed(cause: CloseCause): void
}

export class Followers implements ConversationListener {
  readonly #server: Pick<Conversation, 'respond'>
  readonly #followers = new Set<Follower>()
  #cause: CloseCause | null = null

  constructor(server: Pick<Conversation, 'respond'>) {
    this.#server = server
  }

  notification(method: string, params: unknown): void {
    for (const each of [...this.#followers]) each.notified(method, params)
  }

  /** Whatever it asks for belongs to a thread or to a client with an account of its own; neither is here. */
  request({ id, method }: RpcRequest): void {
    this.#server.respond(id, { error: { code: REFUSED, message: `Nobody here answers ${method}.` } })
  }

  closed(cause: CloseCause): void {
    this.#cause = cause
    for (const each of [...this.#followers]) each.closed(cause)
    this.#followers.clear()
  }

  /** @returns what takes it out again */
  add(notified: Follower['notified'], closed: Follower['closed'] = () => {}): () => void {
    if (this.#cause) {
      closed(this.#cause)
      return () => {}
    }
    const follower = { notified, closed }
    this.#followers.add(follower)
    return () => void this.#followers.delete(follower)
  }
}
