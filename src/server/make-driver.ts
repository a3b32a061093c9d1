/** The driver of a hub, as its configuration wants it. */
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { CodexDriver } from '../connectors/codex/driver.ts'
import type { Driver } from '../connectors/driver.ts'
import { preparePrivateFolder } from '../connectors/process/private-folder.ts'
import type { HubOptions } from './hub-options.ts'
import type { Ledger } from './ledger.ts'

/** @throws ConnectorError where no private folder for sockets can be had */
export async function makeDriver(
  { folder, config, version }: HubOptions,
  rooms: { ledger: Ledger; hubId: string; log: Log; clock: Clock; lockPath: string },
): Promise<Driver> {
  const { codexPath, codexHome, transport, graceMs, spareMs, isolation } = config
  return new CodexDriver({
    config: {
      transport,
      graceMs,
      spareMs,
      isolation,
      ...(codexPath === undefined ? {} : { codexPath }),
      ...(codexHome === undefined ? {} : { codexHome }),
    },
    hubId: rooms.hubId,
    hubVersion: version,
    ledger: rooms.ledger,
    log: rooms.log,
    clock: rooms.clock,
    socketFolder: await preparePrivateFolder({ dataFolder: folder }),
    hubLockPath: rooms.lockPath,
  })
}
