/**
 * The process behind a conversation, as its owner holds it: how to let go of it, how to end it, and whether it is gone.
 * It keeps the ledger true: whatever is known to be gone is forgotten there, and its socket removed.
 */
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { type Identity, isSameProcess } from '../../base/process-identity.ts'
import type { CloseCause } from '../../jsonrpc/channel.ts'
import type { ProcessLedger, ProcessRecord } from '../driver.ts'
import { Guard } from '../process/guard.ts'
import { removeSocket } from '../process/reap.ts'
import type { Child, PipedChild } from '../process/spawn-child.ts'
import { KILL_LADDER, type Rung, socketLadder, stdioLadder, terminate } from '../process/terminate.ts'

export interface StopOptions {
  readonly force?: boolean
  /** Ends the running turn; null where none runs. */
  readonly interrupt?: (() => Promise<unknown>) | null
}

export interface HandleOptions {
  readonly ledger: ProcessLedger
  readonly clock: Clock
  readonly log: Log
  readonly hubLockPath: string
  readonly graceMs?: number | undefined
  readonly finishTurnMs?: number | undefined
}

/** A process that closed its socket ends right after; one that did not is alive and only out of reach. */
const EXIT_WITHIN_MS = 2000
const LOOK_EVERY_MS = 50

export class ProcessHandle {
  #record: ProcessRecord
  /** Null for a process of an earlier hub. */
  readonly #child: Child | PipedChild | null
  readonly #ledger: ProcessLedger
  readonly #clock: Clock
  readonly #finishTurnMs: number | undefined
  readonly #guard: Guard | null
  #forgotten: Promise<void> | null = null

  constructor(record: ProcessRecord, child: Child | PipedChild | null, options: HandleOptions) {
    const { ledger, clock, log, hubLockPath, graceMs } = options
    this.#record = record
    this.#child = child
    this.#ledger = ledger
    this.#clock = clock
    this.#finishTurnMs = options.finishTurnMs
    const { socketPath, warden } = record
    const changed = (now: Identity): void => void this.#note({ warden: now }).catch(() => {})
    this.#guard =
      socketPath === null || warden === null
        ? null
        : new Guard({ child: record, socketPath, warden, hubLockPath, graceMs, clock, log, changed })
    void child?.exited.then(() => this.#forget())
  }

  get record(): ProcessRecord {
    return this.#record
  }

  /** Say whose it is. Resolves once that is on disk: a hub that starts later ends what is nobody's (L16). */
  assign(sessionId: string): Promise<void> {
    return this.#note({ sessionId })
  }

  /** It goes on, and this hub no longer looks after it. */
  letGo(): void {
    this.#guard?.close()
  }

  get survivesUs(): boolean {
    return this.record.socketPath !== null
  }

  isAlive(): Promise<boolean> {
    return isSameProcess(this.record.pid, this.record.startToken)
  }

  /** Awaited to the end; never throws. */
  async stop({ force = false, interrupt = null }: StopOptions = {}): Promise<void> {
    const target = this.#child ?? this.record
    await terminate(target, force ? KILL_LADDER : this.#ladder(interrupt), this.#clock)
    if (!(await this.isAlive())) await this.#forget()
  }

  /** The cause with which a lost conversation is told: the exit of the process, where there was one. */
  async explain(cause: CloseCause): Promise<CloseCause> {
    if (cause.kind === 'exited') return cause
    const exit = await this.#waitForExit()
    if (!exit) return cause
    await this.#forget()
    const how =
      exit.signal !== null ? `was ended by ${exit.signal}` : `exited with code ${exit.code ?? 'unknown'}`
    return { kind: 'exited', message: `the process ${how}`, code: exit.code, signal: exit.signal }
  }

  #ladder(interrupt: StopOptions['interrupt']): readonly Rung[] {
    const stdin = this.#child && 'stdin' in this.#child ? this.#child.stdin : null
    if (stdin) return stdioLadder({ stdin, ...(interrupt ? { interrupt } : {}) })
    return socketLadder(this.#finishTurnMs === undefined ? {} : { finishTurnMs: this.#finishTurnMs })
  }

  async #waitForExit(): Promise<{ code: number | null; signal: string | null } | null> {
    if (this.#child) {
      const over = Promise.withResolvers<null>()
      const timer = this.#clock.after(EXIT_WITHIN_MS, () => over.resolve(null))
      const exit = await Promise.race([this.#child.exited, over.promise])
      timer.cancel()
      return exit
    }
    for (let waitedMs = 0; waitedMs < EXIT_WITHIN_MS; waitedMs += LOOK_EVERY_MS) {
      // The exit code of another's child is known to nobody here.
      if (!(await this.isAlive())) return { code: null, signal: null }
      await new Promise<void>((resolve) => this.#clock.after(LOOK_EVERY_MS, resolve))
    }
    return null
  }

  #note(change: Partial<ProcessRecord>): Promise<void> {
    this.#record = { ...this.#record, ...change }
    // It ended meanwhile, and the ledger was told.
    return this.#forgotten ?? this.#ledger.record(this.#record)
  }

  #forget(): Promise<void> {
    this.#forgotten ??= this.#removeTraces()
    return this.#forgotten
  }

  async #removeTraces(): Promise<void> {
    this.#guard?.close()
    this.#ledger.forget(this.record.id)
    if (this.record.socketPath !== null) await removeSocket(this.record.socketPath)
  }
}
