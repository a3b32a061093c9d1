/** Everybody who is connected: makes clients of sockets, counts them, and closes them when the hub stops. */
import type { Codec } from '../../protocol/codec.ts'
import type { Scope } from '../../protocol/methods/shape.ts'
import { Client, type ClientPorts } from './client.ts'
import type { ClientSocket } from './outbox.ts'

export class Clients {
  readonly #ports: Omit<ClientPorts, 'ended'>
  readonly #clients = new Set<Client>()
  #count = 0

  constructor(ports: Omit<ClientPorts, 'ended'>) {
    this.#ports = ports
  }

  get size(): number {
    return this.#clients.size
  }

  [Symbol.iterator](): IterableIterator<Client> {
    return this.#clients.values()
  }

  accept(socket: ClientSocket, codec: Codec, scopes: readonly Scope[]): void {
    this.#count += 1
    const ports: ClientPorts = { ...this.#ports, ended: (client) => this.#clients.delete(client) }
    this.#clients.add(new Client(`c${this.#count}`, socket, codec, scopes, ports))
  }

  /** Tell whoever follows a session that it is gone. */
  sessionRemoved(sessionId: string): void {
    for (const client of this.#clients) {
      if (!client.subscriptions.has(sessionId)) continue
      client.unfollow(sessionId)
      client.notify('session/removed', { sessionId })
    }
  }

  closeAll(): void {
    for (const client of [...this.#clients]) client.close('goingAway')
  }
}
