import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { openStore } from '../../src/persistence/open-store.ts'
import { readConfig } from '../../src/server/config.ts'
import { startHub } from '../../src/server/hub.ts'
import { FakeDriver } from '../harness/fake-connector.ts'
import { processOf } from '../harness/stored.ts'

it('[STA5] what runs is settled before Codex itself is looked at', async () => {
  const root = mkdtempSync(join(tmpdir(), 'start-'))
  const folder = join(root, 'hub')
  const store = await openStore({ folder, log: silentLog, clock: systemClock })
  store.write({ kind: 'process', process: processOf('p1') })
  await store.close()
  const driver = new FakeDriver()
  const answer = driver.calls.hold('isAlive')
  const looked = driver.calls.next('report')
  const hub = await startHub({
    folder,
    config: readConfig(folder, { port: 0, codexHome: join(root, 'codex'), logLevel: 'silent' }),
    version: '0.0.0',
    makeDriver: () => driver as never,
  })
  try {
    expect(driver.calls.made.map(({ name }) => name)).toEqual(['isAlive'])
    answer()
    await looked
    expect(driver.calls.made.map(({ name }) => name)).toEqual(['isAlive', 'report'])
  } finally {
    await hub.close()
    rmSync(root, { recursive: true, force: true })
  }
})
