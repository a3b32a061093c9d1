/** A client of the hub behind a connection that can be harmed. */
import { connectHub, type HubClient } from '../src/client/client.ts'
import type { ListHandle, SessionHandle } from '../src/client/subscriptions.ts'
import { fastClock } from './clock.ts'
import { type FrameFaults, faultySocket, noFrameFaults } from './faulty-socket.ts'
import type { Random } from './random.ts'
import { Wire } from './wire.ts'

/** The SDK's patience is made for days; a round has seconds. */
const SPEED = 10

export class Link {
  readonly name: string
  readonly hub: HubClient
  readonly wire: Wire
  readonly frames: FrameFaults
  readonly list: ListHandle
  readonly #wakes: Set<() => void>
  readonly #handles = new Map<string, SessionHandle>()

  private constructor(name: string, wire: Wire, token: string, random: Random) {
    this.name = name
    this.wire = wire
    this.frames = noFrameFaults()
    const wakes = new Set<() => void>()
    this.#wakes = wakes
    const jitter = random.fork()
    this.hub = connectHub({
      url: wire.url,
      token,
      client: { id: `id-${name}`, name },
      clock: fastClock(SPEED),
      random: () => jitter.next(),
      webSocket: faultySocket(this.frames, random.fork()),
      hints: (wake) => {
        wakes.add(wake)
        return () => wakes.delete(wake)
      },
    })
    this.list = this.hub.sessions()
  }

  static async open(
    name: string,
    { port, token }: { port: number; token: string },
    random: Random,
  ): Promise<Link> {
    const wire = await Wire.open()
    wire.target = port
    return new Link(name, wire, token, random)
  }

  /** The session as this client sees it, from now on. */
  follow(sessionId: string): SessionHandle {
    const known = this.#handles.get(sessionId)
    if (known) return known
    const handle = this.hub.session(sessionId)
    this.#handles.set(sessionId, handle)
    return handle
  }

  leave(sessionId: string): void {
    this.#handles.get(sessionId)?.release()
    this.#handles.delete(sessionId)
  }

  /** As a page that comes back: look at once whether everything is as it should be. */
  wake(): void {
    for (const wake of this.#wakes) wake()
  }

  heal(): void {
    this.frames.drop = 0
    this.frames.repeat = 0
    this.wire.heal()
    this.wake()
  }

  close(): void {
    this.hub.close()
    this.wire.close()
  }
}
