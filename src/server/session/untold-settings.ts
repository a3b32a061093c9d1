/** Settings that were changed while nobody was there to tell: kept for the next connection, then told once. */
import { isDeepStrictEqual } from 'node:util'
import type { Log } from '../../base/log.ts'
import { type Connector, ConnectorError } from '../../connectors/connector.ts'
import type { ThreadFacts } from '../../connectors/event.ts'
import { joinSettings, type SettingsRequest } from '../../protocol/settings.ts'

export class UntoldSettings {
  #settings: SettingsRequest = {}

  add(settings: SettingsRequest): void {
    this.#settings = joinSettings(this.#settings, settings)
  }

  /** @returns the facts with the settings that are in force now @throws ConnectorError when the connection ends */
  async tell(connector: Connector, facts: ThreadFacts, log: () => Log): Promise<ThreadFacts> {
    const inForce: Record<string, unknown> = { ...facts.settings }
    const untold = Object.entries(this.#settings).filter(
      ([name, value]) => !isDeepStrictEqual(inForce[name], value),
    )
    const settings: SettingsRequest = Object.fromEntries(untold)
    try {
      if (untold.length > 0) await connector.configure(settings)
    } catch (error) {
      const isRefused = error instanceof ConnectorError && !['closed', 'timeout'].includes(error.fault)
      if (!isRefused) throw error
      log().warn({ err: error, settings }, 'Codex refused settings that were changed in its absence')
      this.#settings = {}
      return facts
    }
    this.#settings = {}
    return { ...facts, settings: { ...facts.settings, ...settings } }
  }
}
