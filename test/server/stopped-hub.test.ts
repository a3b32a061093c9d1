import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { FakeDriver } from '../harness/fake-connector.ts'
import { makeHub } from '../harness/hub.ts'
import { until } from '../harness/until.ts'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

/** @returns something that a hub which has stopped had in hand */
async function startAndStop(): Promise<WeakRef<object>> {
  let held: WeakRef<object> | undefined
  const test = await makeHub({
    script: () => [],
    hub: {
      makeDriver: (ledger) => {
        held = new WeakRef(ledger)
        return new FakeDriver()
      },
    },
  })
  await test.client().command('session/create', { cwd: test.codex.project })
  await test.close()
  if (!held) throw new Error('the hub made no driver')
  return held
}

it('[STA6] a hub that was stopped is not kept in memory by what it began', async () => {
  const held = await startAndStop()
  await until(() => {
    collect()
    return held.deref() === undefined
  })
  expect(held.deref()).toBeUndefined()
})
