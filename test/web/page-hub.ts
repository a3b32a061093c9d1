/** A hub for the page alone: its sockets and its files are real, and nothing is started for sessions. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import type { Change } from '../../src/persistence/change.ts'
import { openStore } from '../../src/persistence/open-store.ts'
import { readConfig } from '../../src/server/config.ts'
import { startHub } from '../../src/server/hub.ts'
import type { RunningHub } from '../../src/server/hub-options.ts'
import { FakeDriver } from '../harness/fake-connector.ts'

/** The compiled page. */
export const BUILT = join(process.cwd(), 'dist/web')

/** @param root a temporary folder; its data lies in `hub` there. @param port 0 for any */
export function startPageHub(root: string, port: number, pageFolder = BUILT): Promise<RunningHub> {
  const folder = join(root, 'hub')
  return startHub({
    folder,
    config: readConfig(folder, { port, codexHome: join(root, 'codex'), logLevel: 'silent' }),
    version: '0.0.0',
    makeDriver: () => new FakeDriver() as never,
    pageFolder,
  })
}

/** Before its first start. */
export async function fillStore(root: string, ...changes: readonly Change[]): Promise<void> {
  const store = await openStore({ folder: join(root, 'hub'), log: silentLog, clock: systemClock })
  store.write(...changes)
  await store.close()
}

export async function takeAway(root: string, hub: RunningHub, browser: Browser): Promise<void> {
  await browser.close()
  await hub.close()
  rmSync(root, { recursive: true, force: true, maxRetries: 5 })
}
