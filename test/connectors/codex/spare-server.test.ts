import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { silentLog } from '../../../src/base/log.ts'
import type { RunningServer } from '../../../src/connectors/codex/running-server.ts'
import { SpareServer } from '../../../src/connectors/codex/spare-server.ts'
import { ManualClock } from '../../harness/manual-clock.ts'

it('[PRK8] one that took longer to start than it would wait ends after its time as well', async () => {
  const clock = new ManualClock()
  const start = Promise.withResolvers<RunningServer>()
  const stopped: string[] = []
  const spare = new SpareServer({
    start: () => start.promise,
    stamp: async () => 'unchanged',
    clock,
    log: silentLog,
    keepMs: 1_000,
  })
  expect(await spare.take()).toBe(null)
  clock.advance(5_000)
  await setImmediate()
  const server = { isClosed: false, close: () => stopped.push('connection') }
  const handle = { stop: async () => stopped.push('process') }
  start.resolve({ server, handle, methods: new Set() } as unknown as RunningServer)
  await setImmediate()
  clock.advance(999)
  await setImmediate()
  expect(stopped).toEqual([])
  clock.advance(1)
  await setImmediate()
  expect(stopped).toEqual(['connection', 'process'])
})

it('[PRK7] one of which nobody can tell any more whether it is as it should be is ended, and not lost', async () => {
  const clock = new ManualClock()
  const stopped: string[] = []
  let isThere = true
  const server = { isClosed: false, close: () => stopped.push('connection') }
  const handle = { stop: async () => stopped.push('process') }
  const spare = new SpareServer({
    start: async () => ({ server, handle, methods: new Set() }) as unknown as RunningServer,
    stamp: async () => {
      if (!isThere) throw new Error('no Codex is found')
      return 'unchanged'
    },
    clock,
    log: silentLog,
    keepMs: 1_000,
  })
  await spare.take()
  clock.advance(250)
  await setImmediate()
  isThere = false
  expect(await spare.take()).toBe(null)
  expect(stopped).toEqual(['connection', 'process'])
})
