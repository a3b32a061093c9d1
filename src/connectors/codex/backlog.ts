/** What a conversation brought before anybody listened, in its order: it is told to whoever listens first. */
import type { RpcRequest } from '../../jsonrpc/message.ts'
import type { ConversationListener } from './conversation.ts'

type Told = Pick<ConversationListener, 'notification' | 'request'>

export class Backlog implements Told {
  #held: ((listener: Told) => void)[] = []

  notification(method: string, params: unknown): void {
    this.#held.push((listener) => listener.notification(method, params))
  }

  request(request: RpcRequest): void {
    this.#held.push((listener) => listener.request(request))
  }

  tell(listener: Told): void {
    for (const tell of this.#held.splice(0)) tell(listener)
  }

  clear(): void {
    this.#held = []
  }
}
