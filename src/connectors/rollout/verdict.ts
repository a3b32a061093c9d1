/**
 * How an observed session stands by its newest evidence, and what of that the session was told. Evidence is gathered when
 * it is asked for; nothing is told twice.
 */
import type { Clock } from '../../base/clock.ts'
import type { SessionEvent } from '../event.ts'
import { ENDED_AFTER_MS, judge, type Liveness } from './liveness.ts'
import type { ParserState } from './parser-state.ts'
import type { WatchedThread } from './thread-files.ts'
import { readWriterLock, type WriterLock } from './writer-lock.ts'

export interface VerdictOptions {
  readonly codexHome: string
  readonly clock: Clock
  readonly endedAfterMs?: number
  /** By default the system's. */
  readonly readLock?: typeof readWriterLock
}

/** How often the state is judged anew while nothing changes. Milliseconds. */
const JUDGE_MS = 5_000

export class Verdict {
  readonly #options: VerdictOptions
  #liveness: Liveness | null = null
  #told = ''

  constructor(options: VerdictOptions) {
    this.#options = options
  }

  get status(): 'idle' | 'active' {
    const isActive =
      this.#liveness !== null && ['working', 'waiting', 'silent'].includes(this.#liveness.state)
    return isActive ? 'active' : 'idle'
  }

  /** Judge it anew. */
  async reach(parser: ParserState, { threadId, paths, modifiedAt }: WatchedThread): Promise<Liveness> {
    const { codexHome, clock, endedAfterMs = ENDED_AFTER_MS, readLock = readWriterLock } = this.#options
    const now = clock.now()
    // Who writes it matters only where it may be over. Finding that out can take a pass over all processes, for which what
    // grows should not wait.
    const lock: WriterLock =
      now - modifiedAt >= endedAfterMs ? await readLock(codexHome, threadId, paths) : { state: 'unknown' }
    this.#liveness = judge({ parser, grewAt: modifiedAt, lock, now, endedAfterMs })
    return this.#liveness
  }

  /** What the session has not been told of it; null for nothing. */
  news(): Extract<SessionEvent, { type: 'status' }> | null {
    if (!this.#liveness) return null
    const { state, sentence } = this.#liveness
    const told = `${state} ${sentence}`
    if (told === this.#told) return null
    this.#told = told
    const flags = state === 'waiting' || state === 'silent' ? [state] : []
    return { type: 'status', status: this.status, flags, note: flags.length > 0 ? sentence : null }
  }

  /** After how long to judge anew: just after the moment when it may be over, if that comes first. */
  nextMs({ modifiedAt }: WatchedThread): number {
    const { clock, endedAfterMs = ENDED_AFTER_MS } = this.#options
    const untilEndMs = endedAfterMs - (clock.now() - modifiedAt)
    return untilEndMs > 0 ? Math.min(JUDGE_MS, untilEndMs + 1) : JUDGE_MS
  }
}
