/**
 * Settings that were changed while the running process could not be told: stored with the session, so that a hub that
 * joins the process in place of this one tells them, once.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Log } from '../../base/log.ts'
import { type Connector, ConnectorError } from '../../connectors/connector.ts'
import type { ThreadFacts } from '../../connectors/event.ts'
import { joinSettings, type SettingsRequest } from '../../protocol/settings.ts'
import type { SessionRecord } from './record.ts'

export function keepUntold(record: SessionRecord, settings: SettingsRequest): void {
  record.patchPrivate({ untold: joinSettings(record.stored.untold, settings) })
}

/** @returns the facts with the settings that are in force now @throws ConnectorError when the connection ends */
export async function tellSettings(
  record: SessionRecord,
  connector: Connector,
  facts: ThreadFacts,
  log: () => Log,
): Promise<ThreadFacts> {
  const inForce: Record<string, unknown> = { ...facts.settings }
  const untold = Object.entries(record.stored.untold)
  if (untold.length === 0) return facts
  const settings: SettingsRequest = Object.fromEntries(
    untold.filter(([name, value]) => !isDeepStrictEqual(inForce[name], value)),
  )
  const isRefused = await tell(connector, settings, log)
  record.patchPrivate({ untold: {} })
  return isRefused ? facts : { ...facts, settings: { ...facts.settings, ...settings } }
}

async function tell(connector: Connector, settings: SettingsRequest, log: () => Log): Promise<boolean> {
  try {
    if (Object.keys(settings).length > 0) await connector.configure(settings)
    return false
  } catch (error) {
    if (!(error instanceof ConnectorError) || ['closed', 'timeout'].includes(error.fault)) throw error
    log().warn({ err: error, settings }, 'Codex refused settings that were changed in its absence')
    return true
  }
}
