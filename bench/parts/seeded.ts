/** Fills a hub's folder as years of work would, before the hub starts on it. */
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { openStore } from '../../src/persistence/open-store.ts'
import type { Store } from '../../src/persistence/store.ts'

export async function seedFolder(
  folder: string,
  fill: (store: Store) => void | Promise<void>,
): Promise<void> {
  const store = await openStore({ folder, log: silentLog, clock: systemClock })
  await fill(store)
  await store.close()
}
