/**
 * The hub's side of the store's thread: sends requests, matches answers, and starts the thread again when it is needed
 * after it died. Requests that were open when it died are rejected; only their sender knows whether to repeat them.
 */
import type { Worker } from 'node:worker_threads'
import type { Answers, Request, RequestMessage, ResponseMessage } from './messages.ts'
import { StoreError } from './store-error.ts'
import { startStoreWorker } from './store-worker.ts'

type OpenRequest = Extract<Request, { kind: 'open' }>

interface Pending {
  resolve(answer: never): void
  reject(error: StoreError): void
}

export class StoreThread {
  readonly #open: OpenRequest
  readonly #program: URL | undefined
  /** Started before it was needed. */
  #early: Worker | null
  readonly #pending = new Map<number, Pending>()
  #worker: Worker | null = null
  #nextId = 1
  #isEnded = false

  /** @param early a worker that loads already */
  constructor(open: OpenRequest, program?: URL, early: Worker | null = null) {
    this.#open = open
    this.#program = program
    this.#early = early
  }

  /** Start the thread and open the database. @throws StoreError when it cannot be opened. */
  async start(): Promise<Answers['open']> {
    const worker = isAlive(this.#early) ? this.#early : startStoreWorker(this.#program)
    this.#early = null
    this.#worker = worker
    worker.on('message', (message: ResponseMessage) => this.#settle(message))
    worker.on('error', (error) => this.#died(worker, error))
    worker.on('exit', (code) => this.#died(worker, new Error(`exit code ${code}`)))
    try {
      return await this.#post(worker, this.#open)
    } catch (error) {
      this.#died(worker, error)
      await worker.terminate()
      throw error
    }
  }

  /** @throws StoreError */
  async request<R extends Request>(request: R): Promise<Answers[R['kind']]> {
    if (this.#isEnded) throw new StoreError('failed', 'The store is closed.')
    // Not awaited before sending: requests reach the thread in the order they were made, behind its opening.
    const starting = this.#worker ? null : this.start()
    starting?.catch(() => {})
    const worker = this.#worker as Worker | null
    if (!worker) throw new StoreError('failed', 'The thread of the store could not be started.')
    const answer = this.#post(worker, request)
    if (starting) {
      answer.catch(() => {})
      await starting
    }
    return answer
  }

  async end(): Promise<void> {
    this.#isEnded = true
    const worker = this.#worker
    if (!worker) return
    this.#died(worker, new Error('the store was closed'))
    await worker.terminate()
  }

  #post<R extends Request>(worker: Worker, request: R): Promise<Answers[R['kind']]> {
    const { promise, resolve, reject } = Promise.withResolvers<Answers[R['kind']]>()
    const message: RequestMessage = { id: this.#nextId++, request }
    // Only a thread somebody waits for keeps the process alive.
    if (this.#pending.size === 0) worker.ref()
    this.#pending.set(message.id, { resolve, reject })
    worker.postMessage(message)
    return promise
  }

  #settle(message: ResponseMessage): void {
    const pending = this.#pending.get(message.id)
    this.#pending.delete(message.id)
    if (this.#pending.size === 0) this.#worker?.unref()
    if ('answer' in message) pending?.resolve(message.answer as never)
    else {
      const { fault, message: sentence, facts } = message.failure
      pending?.reject(new StoreError(fault, sentence, facts))
    }
  }

  #died(worker: Worker, cause: unknown): void {
    if (this.#worker !== worker) return
    this.#worker = null
    const why = cause instanceof Error ? cause.message : String(cause)
    const sentence = `The thread that writes ${this.#open.file} ended: ${why}. It is started again when it is needed.`
    const open = [...this.#pending.values()]
    this.#pending.clear()
    for (const pending of open) {
      pending.reject(new StoreError('failed', sentence, { file: this.#open.file }, { cause }))
    }
  }
}

const isAlive = (worker: Worker | null): worker is Worker => worker !== null && worker.threadId !== -1
