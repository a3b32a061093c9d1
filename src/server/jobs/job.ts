/** One job: its stream, what can be done with it, and its end, told once. It lives in memory and ends with the hub. */
import type { Clock } from '../../base/clock.ts'
import { HubError } from '../../protocol/errors.ts'
import { EMPTY_JOB, type JobDelta, type Job as JobFacts, type JobState } from '../../protocol/job.ts'
import { Stream } from '../stream/stream.ts'
import { jobStreamKind } from './job-stream.ts'

export interface JobSeed extends Pick<JobFacts, 'kind' | 'title'> {
  readonly url?: string | null
  readonly userCode?: string | null
  /** Whom it concerns: the home. */
  readonly home: string | null
}

/** What can be done with a job while it runs; null where Codex cannot. */
export interface JobHandles {
  readonly cancel: (() => Promise<void>) | null
  readonly write: ((text: string, close: boolean) => Promise<void>) | null
}

/** How long the end of a cancelled job is waited for. Milliseconds. */
const END_MS = 10_000

export class Job {
  readonly id: string
  readonly home: string | null
  readonly stream: Stream<JobState, JobDelta>
  /** Settled at its end, however that came; never rejects. */
  readonly ended: Promise<void>
  readonly #clock: Clock
  readonly #settle: () => void
  #handles: JobHandles = { cancel: null, write: null }
  #isCancelled = false

  constructor(id: string, { home, ...seed }: JobSeed, epoch: string, clock: Clock) {
    this.id = id
    this.home = home
    this.#clock = clock
    const job: JobFacts = {
      id,
      status: 'running',
      problem: null,
      exitCode: null,
      url: null,
      userCode: null,
      capabilities: [],
      startedAt: clock.now(),
      endedAt: null,
      ...seed,
    }
    this.stream = new Stream(jobStreamKind(id), { ...EMPTY_JOB, job }, epoch, clock)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.ended = promise
    this.#settle = resolve
  }

  get facts(): JobFacts {
    return this.stream.latest.job
  }

  get isRunning(): boolean {
    return this.facts.status === 'running'
  }

  set handles(handles: JobHandles) {
    this.#handles = handles
    const capabilities = [...(handles.write ? ['exec/write'] : []), ...(handles.cancel ? ['job/cancel'] : [])]
    this.stream.push([{ op: 'job', patch: { capabilities } }])
  }

  output(stream: 'stdout' | 'stderr', text: string): void {
    this.stream.push([{ op: 'output', stream, text }])
  }

  /** Let it run to its end, which is told whatever it is. */
  async follow(end: Promise<{ readonly exitCode?: number }>): Promise<void> {
    try {
      const { exitCode = null } = await end
      this.end({ status: this.#isCancelled ? 'cancelled' : 'completed', exitCode })
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      this.end(this.#isCancelled ? { status: 'cancelled' } : { status: 'failed', problem })
    }
  }

  /** The first end counts. */
  end(patch: Partial<JobFacts>): void {
    if (!this.isRunning) return
    this.stream.push([{ op: 'job', patch: { ...patch, capabilities: [], endedAt: this.#clock.now() } }])
    this.#settle()
  }

  /** Resolves once it has ended. @throws HubError `notPossible` when it has, or cannot be ended */
  async cancel(): Promise<void> {
    const { cancel } = this.#handles
    this.#refuseIfEnded()
    if (!cancel) {
      throw new HubError('unsupported', 'This release of Codex ends no command before its time.', {
        reason: 'noCancel',
      })
    }
    this.#isCancelled = true
    await cancel()
    await Promise.race([this.ended, new Promise<void>((resolve) => void this.#clock.after(END_MS, resolve))])
  }

  /** @throws HubError `notPossible` when it takes none */
  async write(text: string, close: boolean): Promise<void> {
    this.#refuseIfEnded()
    const { write } = this.#handles
    if (!write) throw new HubError('notPossible', 'This takes no input.', { reason: 'noInput' })
    await write(text, close)
  }

  #refuseIfEnded(): void {
    const { status } = this.facts
    if (status !== 'running') throw new HubError('notPossible', 'It has ended.', { reason: 'ended', status })
  }
}
