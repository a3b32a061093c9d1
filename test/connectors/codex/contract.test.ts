/** The contract of connectors, on the real Codex over both transports and on the fake. */

import { isAtLeast } from '../../../src/connectors/codex/version.ts'
import { connectorContract, type Ground, type Traits } from '../../contract/connector.ts'
import { makeCodexHome } from '../../harness/codex-home.ts'
import { FakeCodex } from '../../harness/fake-codex.ts'
import { type FakeConnector, FakeDriver } from '../../harness/fake-connector.ts'
import { versionOfTestCodex } from '../../harness/test-codex.ts'

const version = await versionOfTestCodex()
const since = (least: string) => isAtLeast(version, least)

async function realGround(transport: 'socket' | 'stdio'): Promise<Ground> {
  // A model of the catalogue: it has the patch tool. Questions outside of Plan mode are behind a feature flag.
  const toml = '[features]\ndefault_mode_request_user_input = true'
  const home = await makeCodexHome({ script: () => [], model: 'gpt-5.5', toml })
  const recordOf: Ground['recordOf'] = ({ instance }) => {
    const record = home.ledger.records.get(instance)
    if (!record) throw new Error(`${instance} is not in the ledger`)
    return record
  }
  return {
    cwd: home.project,
    requests: home.model.requests,
    use: (script) => home.model.use(script),
    driver: () => home.driver({ transport }),
    recordOf,
    kill: (connector) => void process.kill(recordOf(connector).pid, 'SIGKILL'),
    close: () => home.close(),
  }
}

async function fakeGround(): Promise<Ground> {
  const codex = new FakeCodex()
  return {
    cwd: '/fake/project',
    requests: codex.requests,
    use: (script) => codex.use(script),
    driver: () => new FakeDriver(codex),
    recordOf: (connector) => (connector as FakeConnector).process.record,
    kill: (connector) => (connector as FakeConnector).end(),
    close: async () => {},
  }
}

const real: Traits = {
  door: 'driven',
  ownsProcess: true,
  canRejoin: false,
  asksQuestions: since('0.142.0'),
  patches: since('0.142.0'),
  configures: since('0.142.0') ? 'now' : 'nextTurn',
  locksThreads: since('0.143.0'),
  namesFromAfar: since('0.120.0'),
}

connectorContract('a fake connector', fakeGround, {
  door: 'driven',
  ownsProcess: true,
  canRejoin: true,
  asksQuestions: true,
  patches: true,
  configures: 'now',
  locksThreads: true,
  namesFromAfar: true,
})
connectorContract('the real Codex over stdio', () => realGround('stdio'), real)
if (since('0.142.0')) {
  connectorContract('the real Codex over a socket', () => realGround('socket'), { ...real, canRejoin: true })
}
