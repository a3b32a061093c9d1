/** A data folder that is removed when its test ends, and a store in it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { type OpenStoreOptions, openStore } from '../../src/persistence/open-store.ts'

export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hub-store-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Closed when the test ends, whatever state it is in by then. */
export async function openIn(folder: string, options: Partial<OpenStoreOptions> = {}) {
  const store = await openStore({ folder, log: silentLog, clock: systemClock, ...options })
  onTestFinished(() => store.close().catch(() => {}))
  return store
}
