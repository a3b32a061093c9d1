/**
 * The client's end of a socket, with frames that come twice or not at all. Only frames of streams are lost: a stream
 * can tell by its cursor that one is missing, an answer that never comes is the fault of no WebSocket.
 */
import { WebSocket } from 'ws'
import type { WebSocketConstructor, WebSocketLike } from '../src/client/web-socket-channel.ts'
import type { Random } from './random.ts'

/** What happens to the frames of one client; changed while its sockets live. */
export interface FrameFaults {
  /** Probabilities. */
  drop: number
  repeat: number
  dropped: number
  repeated: number
}

export const noFrameFaults = (): FrameFaults => ({ drop: 0, repeat: 0, dropped: 0, repeated: 0 })

export function faultySocket(faults: FrameFaults, random: Random): WebSocketConstructor {
  return class FaultySocket extends WebSocket {
    #listener: ((event: never) => void) | null = null

    constructor(url: string, protocols: string[]) {
      super(url, protocols, { perMessageDeflate: false })
      super.on('message', (payload: Buffer) => this.#hear(payload.toString('utf8')))
      // The SDK listens through the browser's interface; without a listener Node ends the process.
      super.on('error', () => {})
    }

    #hear(data: string): void {
      // An answer may hold the word as well, further in.
      const isFrame = data.startsWith('{"jsonrpc":"2.0","method":')
      if (isFrame && random.chance(faults.drop)) {
        faults.dropped += 1
        return
      }
      this.#listener?.({ data } as never)
      if (random.chance(faults.repeat)) {
        faults.repeated += 1
        this.#listener?.({ data } as never)
      }
    }

    // @ts-expect-error ws declares it as an accessor of its own event type.
    override set onmessage(listener: ((event: never) => void) | null) {
      this.#listener = listener
    }

    // @ts-expect-error as above
    override get onmessage(): ((event: never) => void) | null {
      return this.#listener
    }
  } as unknown as new (
    url: string,
    protocols: string[],
  ) => WebSocketLike
}
