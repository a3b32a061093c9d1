import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { silentLog } from '../../src/base/log.ts'
import { Parking } from '../../src/server/parking.ts'
import type { Registry } from '../../src/server/registry.ts'
import { ManualClock } from '../harness/manual-clock.ts'

it('[PRK9] whoever was looking for idle sessions when the hub stopped looks for none afterwards', async () => {
  const clock = new ManualClock()
  let looks = 0
  const registry = {
    get sessions() {
      looks += 1
      return [].values()
    },
  } as unknown as Registry
  const parking = new Parking({
    registry,
    clock,
    log: silentLog,
    parkAfterMs: 1_000,
    maxProcesses: 0,
    isolation: 'process',
  })
  clock.advance(500)
  parking.close()
  await setImmediate()
  clock.advance(60_000)
  await setImmediate()
  expect(looks).toBe(1)
})
