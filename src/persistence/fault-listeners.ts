/** Who is told that writing fails and works again. Each is told, whatever the others do; the log is, too. */
import type { Log } from '../base/log.ts'
import type { StoreError } from './store-error.ts'

type Listener = (fault: StoreError | null) => void

export class FaultListeners {
  readonly #file: string
  readonly #log: Log
  readonly #listeners: Listener[] = []

  constructor(file: string, log: Log) {
    this.#file = file
    this.#log = log
  }

  add(listener: Listener): void {
    this.#listeners.push(listener)
  }

  /** @param fault null: writing works again */
  tell(fault: StoreError | null): void {
    if (fault) this.#log.error({ fault: fault.fault, facts: fault.facts }, fault.message)
    else this.#log.info({ file: this.#file }, 'the store writes again')
    for (const listener of this.#listeners) {
      try {
        listener(fault)
      } catch (error) {
        // The queue must go on, whatever those it tells do.
        this.#log.error({ error }, 'a listener for faults of the store threw')
      }
    }
  }
}
