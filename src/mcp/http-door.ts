/** The bridge over HTTP, loaded when the first agent comes: most hubs never see one, and its libraries weigh on their start. */
import type { HttpBridge, HttpBridgeOptions } from './http.ts'

export class HttpDoor {
  readonly #options: HttpBridgeOptions
  #bridge: Promise<HttpBridge> | null = null

  constructor(options: HttpBridgeOptions) {
    this.#options = options
  }

  async handle(...visit: Parameters<HttpBridge['handle']>): Promise<void> {
    this.#bridge ??= import('./http.ts').then(({ HttpBridge }) => new HttpBridge(this.#options))
    await (await this.#bridge).handle(...visit)
  }

  async close(): Promise<void> {
    await (await this.#bridge)?.close()
  }
}
