/** The contract of connectors on sessions of a daemon: begun by another client, and joined. */
import { describe } from 'vitest'
import type { AppServer } from '../../../src/connectors/codex/app-server.ts'
import { asFields, asText } from '../../../src/connectors/codex/decode.ts'
import { listModels } from '../../../src/connectors/codex/models.ts'
import { startSettings } from '../../../src/connectors/codex/settings.ts'
import { isAtLeast } from '../../../src/connectors/codex/version.ts'
import type { Connector } from '../../../src/connectors/connector.ts'
import type { Driver, OpenOptions, ProcessRecord } from '../../../src/connectors/driver.ts'
import { connectorContract, type Ground } from '../../contract/connector.ts'
import { makeCodexHome } from '../../harness/codex-home.ts'
import { startDaemon, type TestDaemon } from '../../harness/daemon.ts'
import { versionOfTestCodex } from '../../harness/test-codex.ts'
import { until } from '../../harness/until.ts'
import { otherClient, type Watching, watching } from './watching.ts'

/** What the contract asks of a driver, by what a hub does with a daemon: somebody else begins, the hub joins. */
class JoiningDriver implements Pick<Driver, 'create' | 'resume' | 'rejoin' | 'isAlive' | 'listModels'> {
  readonly #other: () => Promise<AppServer>
  readonly #seen: Watching
  readonly #isAlive: () => boolean

  constructor(seen: Watching, other: () => Promise<AppServer>, isAlive: () => boolean) {
    this.#seen = seen
    this.#other = other
    this.#isAlive = isAlive
  }

  async create(options: OpenOptions): Promise<Connector> {
    const other = await this.#other()
    const { cwd, settings } = options
    const answer = asFields(await other.request('thread/start', { cwd, ...startSettings(settings) }))
    const threadId = asText(asFields(answer?.thread)?.id) ?? ''
    // Named, it can be joined before its first prompt.
    await other.request('thread/name/set', { threadId, name: 'Begun elsewhere' })
    await this.#seen.loaded(threadId)
    return this.resume(threadId, options)
  }

  async resume(threadId: string, { sessionId, sink }: OpenOptions): Promise<Connector> {
    const { watch } = this.#seen
    await until(() => watch.health.state === 'connected')
    return watch.join(threadId, { sessionId, sink })
  }

  rejoin(_process: ProcessRecord, threadId: string, options: OpenOptions): Promise<Connector> {
    return this.resume(threadId, options)
  }

  async isAlive(): Promise<boolean> {
    return this.#isAlive()
  }

  async listModels(includeHidden: boolean) {
    const other = await this.#other()
    return listModels((method, params) => other.request(method, params), includeHidden)
  }
}

async function daemonGround(): Promise<Ground> {
  const toml = '[features]\ndefault_mode_request_user_input = true'
  const home = await makeCodexHome({ script: () => [], model: 'gpt-5.5', toml })
  const daemons: TestDaemon[] = [await startDaemon(home)]
  const watches: Watching[] = []
  let client: AppServer | null = null
  const newest = () => daemons.at(-1) as TestDaemon
  let killed = Promise.resolve()
  const other = async (): Promise<AppServer> => {
    await killed
    if (newest().isAlive && client && !client.isClosed) return client
    if (!newest().isAlive) daemons.push(await startDaemon(home))
    client = await otherClient(home.home)
    return client
  }
  return {
    cwd: home.project,
    requests: home.model.requests,
    use: (script) => home.model.use(script),
    driver() {
      const seen = watching(home.home)
      watches.push(seen)
      void seen.watch.start()
      return new JoiningDriver(seen, other, () => newest().isAlive) as unknown as Driver
    },
    recordOf: ({ instance }) => ({ id: instance, pid: newest().pid }) as ProcessRecord,
    kill() {
      killed = newest().kill()
    },
    async close() {
      await Promise.all(watches.map(({ watch }) => watch.close()))
      client?.close()
      for (const daemon of daemons) await daemon.close()
      await home.close()
    },
  }
}

const hasDaemon = isAtLeast(await versionOfTestCodex(), '0.142.0')

describe.runIf(hasDaemon)('a daemon', () =>
  connectorContract('and a session of it', daemonGround, {
    door: 'attached',
    ownsProcess: false,
    canRejoin: true,
    asksQuestions: true,
    patches: true,
    configures: 'now',
    locksThreads: false,
    namesFromAfar: true,
  }),
)
