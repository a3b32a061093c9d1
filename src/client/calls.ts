/**
 * The calls that wait for an answer, across links. A call made offline waits for a link; one whose link ends before
 * the answer is sent again over the next. **Invariant:** a command goes out with the same `commandId` every time, so
 * that the hub's receipt, not luck, decides whether it takes effect twice (L12).
 */
import type { Clock, Timer } from '../base/clock.ts'
import { PeerClosedError, RequestTimeoutError } from '../jsonrpc/peer.ts'
import { HubError } from '../protocol/errors.ts'
import type { MethodName, ParamsOf, ResultOf } from '../protocol/methods.ts'
import { MAX_INBOUND_BYTES } from '../protocol/version.ts'
import type { Link } from './link.ts'

export interface CallOptions {
  /** Give up after this long, waiting for a connection included. The outcome of a command is then unknown. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** Changes something and has no receipt: sent again it would stop the hub that was just restarted. */
const SENT_ONCE: ReadonlySet<MethodName> = new Set(['hub/shutdown'])

interface Call {
  readonly method: MethodName
  readonly params: ParamsOf<MethodName>
  settle(): boolean
  resolve(result: unknown): void
  reject(error: unknown): void
}

export class Calls {
  readonly #clock: Clock
  readonly #open = new Set<Call>()
  #link: Link | null = null
  #over: Error | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @throws HubError; RequestTimeoutError; the signal's reason; RefusedError or ClientClosedError at the end. */
  call<M extends MethodName>(method: M, params: ParamsOf<M>, options: CallOptions): Promise<ResultOf<M>> {
    const { signal, timeoutMs } = options
    if (this.#over) return Promise.reject(this.#over)
    if (signal?.aborted) return Promise.reject(signal.reason)
    if (isTooBig(params)) {
      // Sent, it would end the connection (1009), be sent again over the next, and so on for ever.
      const message = `${method}: the request is larger than the ${MAX_INBOUND_BYTES} bytes the hub takes; send less.`
      return Promise.reject(new HubError('invalidParams', message))
    }
    return new Promise<ResultOf<M>>((resolve, reject) => {
      let timer: Timer | undefined
      const onAbort = () => call.reject(signal?.reason)
      const call: Call = {
        method,
        params,
        settle: () => {
          timer?.cancel()
          signal?.removeEventListener('abort', onAbort)
          return this.#open.delete(call)
        },
        resolve: (result) => call.settle() && resolve(result as ResultOf<M>),
        reject: (error) => call.settle() && reject(error),
      }
      this.#open.add(call)
      signal?.addEventListener('abort', onAbort)
      if (timeoutMs !== undefined) {
        const give = () => call.reject(new RequestTimeoutError(method, timeoutMs))
        timer = this.#clock.after(timeoutMs, give)
      }
      if (this.#link) this.#send(call, this.#link)
    })
  }

  /** A link is ready: everything without an answer goes out, in the order it was asked. */
  up(link: Link): void {
    this.#link = link
    for (const call of this.#open) this.#send(call, link)
  }

  down(): void {
    this.#link = null
  }

  /** Settle everything with the reason why there will be no answer. */
  end(error: Error): void {
    this.#over ??= error
    this.#link = null
    for (const call of [...this.#open]) call.reject(error)
  }

  #send(call: Call, link: Link): void {
    link.request(call.method, call.params).then(call.resolve, (error: unknown) => {
      const mayGoAgain = error instanceof PeerClosedError && !SENT_ONCE.has(call.method)
      if (!mayGoAgain) call.reject(error)
    })
  }
}

function isTooBig(params: unknown): boolean {
  const text = JSON.stringify(params)
  // No character takes more than three bytes; some room for the envelope.
  const limit = MAX_INBOUND_BYTES - 1024
  return text.length * 3 > limit && new TextEncoder().encode(text).length > limit
}
