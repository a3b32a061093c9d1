/** What befalls the Codex in memory: its processes end, its connections are lost, its answers stay out, fail or are noise. */
import { ConnectorError, type ConnectorFault } from '../../src/connectors/connector.ts'
import type { FakeCodex, FakeProcess } from '../../test/harness/fake-codex.ts'
import type { FakeDriver } from '../../test/harness/fake-connector.ts'
import type { Random } from '../random.ts'
import type { Timeline } from '../timeline.ts'

const FAILURES: readonly ConnectorFault[] = ['refused', 'closed', 'timeout']
const CALLS = ['startTurn', 'interrupt', 'rename', 'configure', 'answer', 'readHistory'] as const
/** Codex refuses settings that are wrong; those of a round are not, and must not be lost. */
const FAILING_CALLS = CALLS.filter((call) => call !== 'configure')

export class CodexFaults {
  readonly #codex: FakeCodex
  /** Of the hub that runs now. */
  readonly #driver: () => FakeDriver | null
  readonly #random: Random
  readonly #timeline: Timeline
  /** Lets go of what is held back. */
  readonly #held = new Set<() => void>()

  constructor(codex: FakeCodex, driver: () => FakeDriver | null, random: Random, timeline: Timeline) {
    this.#codex = codex
    this.#driver = driver
    this.#random = random
    this.#timeline = timeline
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
    const struck = this.#random.pick(living)
    this.#tell(`ends (code ${code}, signal ${signal})`, struck)
    struck.end({ kind: 'exited', message: `the process ${how}`, code, signal })
    return true
  }

  #connectors() {
    return (this.#driver()?.connectors ?? []).filter(
      ({ process, isConnected }) => process.isAlive && isConnected,
    )
  }

  dropOne(): boolean {
    const connectors = this.#connectors()
    if (connectors.length === 0) return false
    const connector = this.#random.pick(connectors)
    this.#tell('is out of reach', connector.process)
    connector.drop()
    return true
  }

  freeze(): boolean {
    const connectors = this.#connectors()
    if (connectors.length === 0 || this.#random.chance(0.3)) {
      const driver = this.#driver()
      if (!driver) return false
      const call = this.#random.pick(['create', 'resume', 'rejoin'] as const)
      this.#timeline.note(`${call} is held back`)
      this.#held.add(driver.calls.hold(call))
    } else {
      const connector = this.#random.pick(connectors)
      const call = this.#random.pick(CALLS)
      this.#tell(`holds back ${call}`, connector.process)
      this.#held.add(connector.calls.hold(call))
    }
    return true
  }

  fail(): boolean {
    const connectors = this.#connectors()
    if (connectors.length === 0) return false
    const fault = this.#random.pick(FAILURES)
    const error = new ConnectorError(fault, `The round lets it fail as ${fault}.`)
    const connector = this.#random.pick(connectors)
    const call = this.#random.pick(FAILING_CALLS)
    this.#tell(`fails the next ${call} as ${fault}`, connector.process)
    connector.calls.failNext(call, error)
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

  /** Every process that was, and what it is doing. */
  account(): readonly string[] {
    const { processes } = this.#codex
    return [...processes.values()].map((process) => {
      const { record, thread, isAlive, listener, status, runningTurnId, asked } = process
      const turns = process.history.map(({ turn }) => `${turn.id.slice(-4)} ${turn.status}`)
      const state = {
        isAlive,
        isHeard: listener !== null,
        ...status,
        runningTurnId,
        asked: asked.size,
        turns,
      }
      return `${record.id} of ${record.sessionId}, thread ${thread.id}: ${JSON.stringify(state)}`
    })
  }

  #tell(what: string, { record }: FakeProcess): void {
    this.#timeline.note(`${record.id} of ${record.sessionId} ${what}`)
  }
}
