/** The thread that searches: started by the first search, ended when nobody searched for a while. It only reads. */
import type { Clock, Timer } from '../../base/clock.ts'
import { StoreThread } from '../thread.ts'
import type { FindRequest, Found } from './find-hits.ts'

const IDLE_MS = 60_000

export class Searching {
  readonly #open: ConstructorParameters<typeof StoreThread>
  readonly #clock: Clock
  #thread: StoreThread | null = null
  #timer: Timer | null = null
  #isClosed = false

  constructor(file: string, program: URL | undefined, clock: Clock) {
    const open = { kind: 'open', file, maxPages: null, isReader: true } as const
    this.#open = program === undefined ? [open] : [open, program]
    this.#clock = clock
  }

  /** @throws StoreError */
  async find(find: FindRequest): Promise<Found> {
    this.#timer?.cancel()
    this.#thread ??= new StoreThread(...this.#open)
    const thread = this.#thread
    try {
      return await thread.request({ kind: 'find', find })
    } finally {
      this.#timer?.cancel()
      if (!this.#isClosed) this.#timer = this.#clock.after(IDLE_MS, () => void this.#end())
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#end()
  }

  async #end(): Promise<void> {
    this.#timer?.cancel()
    const thread = this.#thread
    this.#thread = null
    await thread?.end()
  }
}
