/** What befalls the Codex in memory: its processes end, its connections are lost, its answers stay out, fail or are noise. */
import { ConnectorError, type ConnectorFault } from '../../src/connectors/connector.ts'
import type { FakeCodex, FakeProcess } from '../../test/harness/fake-codex.ts'
import type { FakeDriver } from '../../test/harness/fake-connector.ts'
import type { Random } from '../random.ts'

const FAILURES: readonly ConnectorFault[] = ['refused', 'closed', 'timeout']
const CALLS = ['startTurn', 'interrupt', 'rename', 'configure', 'answer', 'readHistory'] as const
/** Codex refuses settings that are wrong; those of a round are not, and must not be lost. */
const FAILING_CALLS = CALLS.filter((call) => call !== 'configure')

export class CodexFaults {
  readonly #codex: FakeCodex
  /** Of the hub that runs now. */
  readonly #driver: () => FakeDriver | null
  readonly #random: Random
  /** Lets go of what is held back. */
  readonly #held = new Set<() => void>()

  constructor(codex: FakeCodex, driver: () => FakeDriver | null, random: Random) {
    this.#codex = codex
    this.#driver = driver
    this.#random = random
  }

  release(): void {
    for (const release of this.#held) release()
    this.#held.clear()
  }

  living(): FakeProcess[] {
    return [...this.#codex.processes.values()].filter(({ isAlive }) => isAlive)
  }

  endOne(signal: 'SIGKILL' | null): boolean {
    const living = this.living()
    if (living.length === 0) return false
    const how = signal === null ? 'exited with code 0' : `was ended by ${signal}`
    const code = signal === null ? 0 : null
    this.#random.pick(living).end({ kind: 'exited', message: `the process ${how}`, code, signal })
    return true
  }

  #connectors() {
    return (this.#driver()?.connectors ?? []).filter(
      ({ process }) => process.isAlive && process.listener !== null,
    )
  }

  dropOne(): boolean {
    const connectors = this.#connectors()
    if (connectors.length === 0) return false
    this.#random.pick(connectors).drop()
    return true
  }

  freeze(): boolean {
    const connectors = this.#connectors()
    if (connectors.length === 0 || this.#random.chance(0.3)) {
      const driver = this.#driver()
      if (!driver) return false
      this.#held.add(driver.calls.hold(this.#random.pick(['create', 'resume', 'rejoin'])))
    } else this.#held.add(this.#random.pick(connectors).calls.hold(this.#random.pick(CALLS)))
    return true
  }

  fail(): boolean {
    const connectors = this.#connectors()
    if (connectors.length === 0) return false
    const fault = this.#random.pick(FAILURES)
    const error = new ConnectorError(fault, `The round lets it fail as ${fault}.`)
    this.#random.pick(connectors).calls.failNext(this.#random.pick(FAILING_CALLS), error)
    return true
  }

  noise(): boolean {
    const connectors = this.#connectors()
    if (connectors.length === 0) return false
    const connector = this.#random.pick(connectors)
    const params = JSON.parse('{"constructor":{"name":1},"__proto__":{"polluted":true},"list":[null,{}]}')
    connector.emit({ type: 'opaque', method: 'future/thing', params })
    connector.emit({ type: 'warning', message: 'Something the hub cannot know.' })
    connector.emit({ type: 'itemBody', itemId: 'nobody', patch: { constructor: 1 } })
    connector.emit({ type: 'append', turnId: 'nobody', itemId: 'nobody', field: 'text', text: 'lost' })
    connector.emit({ type: 'approvalResolved', key: 'nobody' })
    connector.emit({ type: 'error', turnId: null, message: 'It will be tried again.', willRetry: true })
    return true
  }
}
