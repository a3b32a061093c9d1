/** The hub's side of the thread that reads rollouts for the index: one at a time, started when it is needed. */
import { Worker } from 'node:worker_threads'
import type { Piece, ReadMessage, WorkerMessage } from './messages.ts'

const PROGRAM = new URL('./worker.ts', import.meta.url)
/** A rollout that needs more ends the thread, and is passed over. */
const MAX_HEAP_MB = 256

interface Reading {
  store(piece: Piece): Promise<boolean>
  resolve(): void
  reject(error: Error): void
}

export class ReadingThread {
  #worker: Worker | null = null
  #reading: Reading | null = null

  /**
   * Read a rollout piece by piece. @param store stores a piece and tells whether to go on; must not throw
   * @throws when the rollout cannot be read, or the thread ends
   */
  read(paths: readonly string[], state: unknown, store: Reading['store']): Promise<void> {
    this.#worker ??= this.#start()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#reading = { store, resolve, reject }
    this.#worker.postMessage({ kind: 'read', paths, state } satisfies ReadMessage)
    return promise
  }

  /** Let go of the thread and its memory; a reading under way fails. */
  async end(): Promise<void> {
    await this.#worker?.terminate()
  }

  #start(): Worker {
    const worker = new Worker(PROGRAM, { resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB } })
    worker.unref()
    worker.on('message', (message: WorkerMessage) => void this.#heard(worker, message))
    worker.on('error', (error) => this.#settle((reading) => reading.reject(error)))
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = null
      this.#settle((reading) => reading.reject(new Error('The thread that reads rollouts ended.')))
    })
    return worker
  }

  async #heard(worker: Worker, message: WorkerMessage): Promise<void> {
    if (message.kind === 'piece') {
      const goesOn = (await this.#reading?.store(message.piece)) ?? false
      worker.postMessage({ kind: 'stored', goesOn })
    } else if (message.kind === 'done') this.#settle((reading) => reading.resolve())
    else this.#settle((reading) => reading.reject(new Error(message.message)))
  }

  #settle(how: (reading: Reading) => void): void {
    const reading = this.#reading
    this.#reading = null
    if (reading) how(reading)
  }
}
