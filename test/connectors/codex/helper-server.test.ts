import { expect, it } from 'vitest'
import { HelperServer } from '../../../src/connectors/codex/helper-server.ts'
import type { RunningServer } from '../../../src/connectors/codex/running-server.ts'
import { ManualClock } from '../../harness/manual-clock.ts'

it('[COD64] of all who find the process for questions gone, one starts the next, and none is left behind', async () => {
  const started: { isClosed: boolean }[] = []
  const helper = new HelperServer(async () => {
    const server = { isClosed: false, listen: () => {}, close: () => {} }
    started.push(server)
    return { server, handle: { stop: async () => {} }, methods: new Set() } as unknown as RunningServer
  }, new ManualClock())
  const ask = () => helper.ask(async ({ server }) => started.indexOf(server as never))
  expect(await ask()).toBe(0)
  for (const server of started) server.isClosed = true
  expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1])
  await helper.close()
})
