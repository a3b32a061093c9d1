/**
 * Every mutating command once (L12). A command leaves a receipt before it acts and its answer afterwards; a repeat gets
 * that answer, whichever connection or hub process it comes through.
 */
import { createHash } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import type { Store } from '../../persistence/store.ts'
import type { Receipt } from '../../persistence/stored.ts'
import { type ErrorData, HubError, isHubError } from '../../protocol/errors.ts'
import { asStorageErrors } from '../session/connector-failure.ts'

export interface Command {
  readonly commandId: string
  readonly method: string
  readonly params: unknown
  readonly clientId: string
  readonly sessionId: string | null
}

/** Failures from before anything was tried: the same command may be sent again. */
const UNTRIED = new Set(['storage', 'shuttingDown', 'overloaded', 'forbidden'])

export class Receipts {
  readonly #store: Store
  readonly #clock: Clock
  readonly #running = new Map<string, { hash: string; answer: Promise<unknown> }>()

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** Run a command, or answer as it was answered. */
  once(command: Command, run: () => Promise<unknown>): Promise<unknown> {
    const hash = createHash('sha256')
      .update(JSON.stringify([command.method, command.params]))
      .digest('base64url')
    const running = this.#running.get(command.commandId)
    if (running) {
      if (running.hash !== hash) return Promise.reject(conflict(command))
      return running.answer
    }
    const answer = this.#run(command, hash, run).finally(() => this.#running.delete(command.commandId))
    this.#running.set(command.commandId, { hash, answer })
    return answer
  }

  /** Resolves when no command is under way, or after a while. */
  async settled(limitMs: number): Promise<void> {
    const { promise: over, resolve } = Promise.withResolvers<void>()
    const timer = this.#clock.after(limitMs, resolve)
    const answers = [...this.#running.values()].map(({ answer }) => answer)
    await Promise.race([Promise.allSettled(answers), over])
    timer.cancel()
  }

  async #run(command: Command, paramsHash: string, run: () => Promise<unknown>): Promise<unknown> {
    const known = await asStorageErrors(() => this.#store.loadReceipt(command.commandId))
    if (known) {
      if (known.paramsHash !== paramsHash) throw conflict(command)
      // One that is open and not under way was refused before anything was tried: what an earlier hub left open was
      // settled at the start of this one.
      if (known.state !== 'pending') return replay(known)
    }
    const { commandId, method, clientId, sessionId } = command
    const receipt = (state: Receipt['state'], answer: unknown): Receipt => {
      return { commandId, method, paramsHash, clientId, sessionId, state, answer, at: this.#clock.now() }
    }
    await this.#note(receipt('pending', null))
    let result: unknown
    try {
      result = await run()
    } catch (error) {
      if (!isHubError(error) || !UNTRIED.has(error.data.name)) {
        const { code, message, data } = isHubError(error)
          ? error
          : new HubError('internal', 'The hub failed on this command; see its log.')
        const state = data.name === 'indeterminate' ? 'indeterminate' : 'failed'
        this.#store.write({ kind: 'receipt', receipt: receipt(state, { code, message, data }) })
      }
      throw error
    }
    // What a person is told has happened must be on disk (L10).
    await this.#note(receipt('done', result))
    return result
  }

  /** @throws HubError `storage` */
  #note(receipt: Receipt): Promise<void> {
    return asStorageErrors(async () => {
      this.#store.write({ kind: 'receipt', receipt })
      await this.#store.flush()
    })
  }
}

function replay(receipt: Receipt): unknown {
  switch (receipt.state) {
    case 'done':
      return receipt.answer
    case 'failed': {
      const { message, data } = receipt.answer as { message: string; data: ErrorData }
      throw new HubError(data.name, message, data.facts)
    }
    default:
      throw new HubError(
        'indeterminate',
        'The hub stopped while this command was under way; look at the session before you repeat it with a new commandId.',
        { commandId: receipt.commandId, method: receipt.method, at: receipt.at },
      )
  }
}

function conflict(command: Command): HubError {
  return new HubError('commandConflict', 'This commandId was used for another request; make a new one.', {
    commandId: command.commandId,
  })
}
