/**
 * What lies between a client and the hub: a TCP proxy that can let a connection die in every way that connections die.
 * A connection that lost a byte never passes one again; the next one is whole.
 */
import { connect, createServer, type Server, type Socket } from 'node:net'

interface Pair {
  readonly client: Socket
  readonly hub: Socket
  /** Takes what comes and passes nothing on: a cable that was pulled. */
  isSwallowing: boolean
}

export class Wire {
  /** Port of the hub; null while there is none. */
  target: number | null = null
  readonly #server: Server
  readonly #pairs = new Set<Pair>()
  #isHoled = false

  private constructor(server: Server) {
    this.#server = server
  }

  static async open(): Promise<Wire> {
    const server = createServer()
    const wire = new Wire(server)
    server.on('connection', (client) => wire.#join(client))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return wire
  }

  get url(): string {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the wire is closed')
    return `http://127.0.0.1:${address.port}`
  }

  /** Both sides learn at once that it is over. */
  cut(): void {
    for (const { client } of this.#pairs) client.destroy()
  }

  /** Nobody learns anything. */
  swallow(): void {
    for (const pair of this.#pairs) pair.isSwallowing = true
  }

  /** The client reads nothing more, and the hub's buffers fill. */
  hole(): void {
    this.#isHoled = true
    for (const { hub } of this.#pairs) hub.pause()
  }

  heal(): void {
    this.#isHoled = false
    for (const { hub } of this.#pairs) hub.resume()
  }

  close(): void {
    this.cut()
    this.#server.close()
  }

  #join(client: Socket): void {
    if (this.target === null) {
      client.destroy()
      return
    }
    const hub = connect(this.target, '127.0.0.1')
    const pair: Pair = { client, hub, isSwallowing: false }
    this.#pairs.add(pair)
    const end = (): void => {
      this.#pairs.delete(pair)
      // What is silent on one side must not end on the other.
      if (pair.isSwallowing) return
      client.destroy()
      hub.destroy()
    }
    const pass = (from: Socket, to: Socket): void => {
      from.on('data', (bytes) => {
        if (pair.isSwallowing || to.destroyed) return
        if (!to.write(bytes)) {
          from.pause()
          to.once('drain', () => {
            if (!(from === hub && this.#isHoled)) from.resume()
          })
        }
      })
      from.on('error', end)
      from.on('close', end)
    }
    pass(client, hub)
    pass(hub, client)
    if (this.#isHoled) hub.pause()
  }
}
