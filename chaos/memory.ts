/** Whether this process grows: its heap after a collection, round by round. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Rounds between two looks. */
const EVERY = 20
/** Growth from the first looks to the last that cannot be chance. Bytes. */
const MOST_GROWTH = 48 * 2 ** 20

export class Memory {
  readonly #collect: () => void
  readonly #looks: number[] = []

  constructor() {
    setFlagsFromString('--expose-gc')
    this.#collect = runInNewContext('gc')
  }

  /** A round is over. */
  look(index: number): void {
    if (index % EVERY !== 0) return
    this.#collect()
    this.#looks.push(process.memoryUsage().heapUsed)
  }

  /** Heap in MB at each look. */
  get trendMb(): readonly number[] {
    return this.#looks.map((bytes) => Math.round(bytes / 2 ** 20))
  }

  /** What is wrong with the trend, or null. The first look is from before anything was warm. */
  get problem(): string | null {
    const [, ...warm] = this.#looks
    if (warm.length < 3) return null
    const growth = Math.min(...warm.slice(-2)) - Math.max(...warm.slice(0, 1))
    return growth > MOST_GROWTH ? `the heap grew by ${Math.round(growth / 2 ** 20)} MB` : null
  }
}
