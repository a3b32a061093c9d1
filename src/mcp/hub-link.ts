/**
 * The bridge's hold on its hub: connects when the first tool needs it, finds a hub that came back at another address,
 * and says so, quickly, when none is there. It owns the one client; whoever borrows it must not close it.
 */
import { type Clock, systemClock } from '../base/clock.ts'
import { type ConnectOptions, connectHub, type HubClient } from '../client/client.ts'
import { RefusedError } from '../client/wire-error.ts'

export interface HubAddress {
  readonly url: string
  readonly token: string
}

export interface HubLinkOptions {
  /** Where the hub is now. @throws Error whose sentence says how to start one */
  address(): HubAddress
  readonly client: ConnectOptions['client']
  readonly agent: NonNullable<ConnectOptions['agent']>
  readonly clock?: Clock
}

/** No hub answers; the sentence says what a person can do. */
export class HubAwayError extends Error {
  override readonly name = 'HubAwayError'
}

/** An agent that waits for a hub longer than this learns more from a sentence. Milliseconds. */
const CONNECT_MS = 5_000

export class HubLink {
  readonly #options: HubLinkOptions
  readonly #clock: Clock
  #client: HubClient | null = null
  #url = ''

  constructor(options: HubLinkOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  /** The connected hub. @throws HubAwayError; RefusedError when it does not take the token */
  async hub(): Promise<HubClient> {
    const { url, token } = this.#address()
    const { client: identity, agent } = this.#options
    const status = this.#client?.connection.getSnapshot().status
    const isUsable = status !== undefined && status !== 'refused' && status !== 'closed'
    if (!isUsable || url !== this.#url) {
      // Waits that go on hold the old client only as long as its hub could come back to its address.
      this.#client?.close()
      this.#client = connectHub({ url, token, client: identity, agent })
      this.#url = url
    }
    const client = this.#client as HubClient
    await this.#connected(client, url)
    return client
  }

  /** The client there is, connected or not. */
  get current(): HubClient | null {
    return this.#client
  }

  close(): void {
    this.#client?.close()
    this.#client = null
  }

  #address(): HubAddress {
    try {
      return this.#options.address()
    } catch (error) {
      throw new HubAwayError(error instanceof Error ? error.message : String(error), { cause: error })
    }
  }

  #connected({ connection }: HubClient, url: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (error?: Error): void => {
        stop()
        timer.cancel()
        if (error) reject(error)
        else resolve()
      }
      const look = (): void => {
        const state = connection.getSnapshot()
        if (state.status === 'live' || state.status === 'catchingUp') finish()
        else if (state.status === 'refused') finish(new RefusedError(state.reason, state.code))
        else if (state.status === 'closed') finish(new HubAwayError('The bridge is closing.'))
      }
      const timer = this.#clock.after(CONNECT_MS, () =>
        finish(
          new HubAwayError(
            `The hub at ${url} does not answer. A person can look with "codex-hub doctor" and start it with "codex-hub serve".`,
          ),
        ),
      )
      const stop = connection.subscribe(look)
      look()
    })
  }
}
