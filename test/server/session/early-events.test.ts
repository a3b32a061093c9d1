import { afterEach, expect, it } from 'vitest'
import type { OpenOptions } from '../../../src/connectors/driver.ts'
import { FakeDriver } from '../../harness/fake-connector.ts'
import { makeHub, type TestHub } from '../../harness/hub.ts'
import { stateWhere } from '../../harness/watch.ts'

let test: TestHub
afterEach(() => test.close())

const server = { name: 'asks', state: 'ready', error: null } as const

/** Tells of a server while its thread is still being started. */
class EarlyDriver extends FakeDriver {
  override create(options: OpenOptions): ReturnType<FakeDriver['create']> {
    options.sink.receive({ type: 'mcpServer', server })
    return super.create(options)
  }
}

it('[CAT21] what Codex tells of its MCP servers before the session has its door is kept', async () => {
  test = await makeHub({ script: () => [], hub: { makeDriver: () => new EarlyDriver() } })
  const client = test.client()
  const { session } = await client.command('session/create', { cwd: test.codex.project })
  const { mcpServers } = await stateWhere(
    client.session(session.id),
    ({ summary }) => summary.phase === 'idle',
  )
  expect(mcpServers).toEqual([server])
})
