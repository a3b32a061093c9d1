/** The hub's account of the processes it started: in the store before their handshake, out of it when they are gone. */
import type { ProcessLedger, ProcessRecord } from '../connectors/driver.ts'
import type { Store } from '../persistence/store.ts'

export class Ledger implements ProcessLedger {
  readonly #store: Store
  readonly #processes = new Map<string, ProcessRecord>()
  #isClosed = false

  constructor(store: Store) {
    this.#store = store
  }

  /** What is known to run, as far as this hub was told. */
  get processes(): IterableIterator<ProcessRecord> {
    return this.#processes.values()
  }

  /** Take over a record that is in the store already. */
  adopt(process: ProcessRecord): void {
    this.#processes.set(process.id, process)
  }

  async record(process: ProcessRecord): Promise<void> {
    this.#processes.set(process.id, process)
    this.#store.write({ kind: 'process', process })
    await this.#store.flush()
  }

  /** Does nothing once the hub is down: the next one finds out by itself that the process is gone. */
  forget(id: string): void {
    if (this.#isClosed || !this.#processes.delete(id)) return
    this.#store.write({ kind: 'processGone', id })
  }

  close(): void {
    this.#isClosed = true
  }
}
