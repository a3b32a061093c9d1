import { execa } from 'execa'
import { expect, it } from 'vitest'

/** Nothing listens on port 9 of loopback. */
const PROGRAM = `
import { connectHub } from './src/client/client.ts'
const hub = connectHub({ url: 'http://127.0.0.1:9', token: 'x'.repeat(20), client: { id: 'p', name: 'p' } })
setTimeout(() => { console.log(hub.connection.getSnapshot().status !== 'closed'); if (CLOSES) hub.close() }, 50).unref()
hub.connection.subscribe(() => {})
await hub.request('hub/ping', {}).catch((error) => console.log(error.name))
`

it('[SDK11] a program lives as long as it waits for its hub, and ends by itself once it closed its client', async () => {
  const run = (closes: boolean, timeout: number) =>
    execa(
      process.execPath,
      ['--input-type=module-typescript', '-e', PROGRAM.replace('CLOSES', String(closes))],
      {
        reject: false,
        timeout,
      },
    )
  expect(await run(true, 20_000)).toMatchObject({ exitCode: 0, stdout: 'true\nClientClosedError' })
  expect(await run(false, 6_000)).toMatchObject({ timedOut: true, stdout: 'true' })
})
