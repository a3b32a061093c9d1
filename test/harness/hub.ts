/** A hub in this process on a temporary folder, with the real Codex behind it and as many clients as a test wants. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { connectHub, type HubClient } from '../../src/client/client.ts'
import { openStore } from '../../src/persistence/open-store.ts'
import type { Store } from '../../src/persistence/store.ts'
import { type ConfigRequest, readConfig } from '../../src/server/config.ts'
import { startHub } from '../../src/server/hub.ts'
import type { HubOptions, RunningHub } from '../../src/server/hub-options.ts'
import { type CodexHome, type CodexHomeOptions, makeCodexHome } from './codex-home.ts'
import { TEST_CODEX } from './test-codex.ts'

export interface TestHub {
  readonly codex: CodexHome
  readonly folder: string
  readonly hub: RunningHub
  client(name?: string): HubClient
  /** Stop this hub, leaving its sessions running, and start another on the same folder. */
  restart(more?: ConfigRequest): Promise<void>
  close(): Promise<void>
}

export interface TestHubOptions extends CodexHomeOptions {
  readonly config?: ConfigRequest
  readonly hub?: Partial<HubOptions>
  /** What is in its store before it starts for the first time. */
  readonly seed?: (store: Store) => void
}

/** What every hub of a test is configured with: any port, the test's Codex, quick ends. */
export function testConfig(codex: CodexHome, more: ConfigRequest = {}): ConfigRequest {
  return {
    port: 0,
    codexHome: codex.home,
    graceMs: 60_000,
    // What runs is then what the test made run.
    spareMs: 0,
    ...(TEST_CODEX === undefined ? {} : { codexPath: TEST_CODEX }),
    ...more,
  }
}

export async function makeHub(options: TestHubOptions): Promise<TestHub> {
  const codex = await makeCodexHome(options)
  const folder = mkdtempSync(join(tmpdir(), 'hub-'))
  if (options.seed) {
    const store = await openStore({ folder, log: silentLog, clock: systemClock })
    options.seed(store)
    await store.close()
  }
  const clients: HubClient[] = []
  const start = (more: ConfigRequest = {}) =>
    startHub({
      folder,
      config: readConfig(folder, testConfig(codex, { ...options.config, ...more })),
      version: '0.0.0',
      ...options.hub,
    })
  let hub = await start()
  const closeClients = (): void => {
    for (const client of clients.splice(0)) client.close()
  }
  return {
    codex,
    folder,
    get hub() {
      return hub
    },
    client(name = 'test') {
      const client = connectHub({ url: hub.url, token: hub.token, client: { id: `id-${name}`, name } })
      clients.push(client)
      return client
    },
    async restart(more) {
      closeClients()
      await hub.close()
      hub = await start(more)
      await hub.settled
    },
    async close() {
      closeClients()
      await hub.close({ stopSessions: true })
      await codex.close()
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
