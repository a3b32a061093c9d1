/** All jobs of this hub: those that run, and the newest of those that ended. None outlives the hub. */
import type { Clock } from '../../base/clock.ts'
import { mintId } from '../../base/id.ts'
import { HubError } from '../../protocol/errors.ts'
import type { Job as JobFacts } from '../../protocol/job.ts'
import type { Scope } from '../../protocol/methods/shape.ts'
import { Job, type JobSeed } from './job.ts'

const MAX_RUNNING = 32
const MAX_ENDED = 50

export class Jobs {
  readonly #clock: Clock
  /** Oldest first. */
  readonly #jobs = new Map<string, Job>()
  /** Homes that somebody begins to log in to: no job yet, and nobody else's any more. */
  readonly loggingIn = new Set<string | null>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @throws HubError `overloaded` */
  begin(seed: JobSeed): Job {
    const running = this.running.length
    if (running >= MAX_RUNNING) {
      throw new HubError('overloaded', `${running} jobs run already; wait for one, or cancel it.`, {
        running,
      })
    }
    const now = this.#clock.now()
    const job = new Job(mintId('job', now), seed, mintId('ep', now).slice(3), this.#clock)
    this.#jobs.set(job.id, job)
    this.#forgetOldest()
    return job
  }

  get running(): Job[] {
    return [...this.#jobs.values()].filter((job) => job.isRunning)
  }

  /** @throws HubError `notFound` for one that is unknown, or none of this client's business */
  get(jobId: string, scopes: ReadonlySet<Scope>): Job {
    const job = this.#jobs.get(jobId)
    if (job && isFor(job, scopes)) return job
    throw new HubError('notFound', `No job ${jobId}; ended ones are kept for a while only.`, { jobId })
  }

  /** Newest first. */
  list(scopes: ReadonlySet<Scope>): JobFacts[] {
    return [...this.#jobs.values()]
      .filter((job) => isFor(job, scopes))
      .map(({ facts }) => facts)
      .reverse()
  }

  /** The hub stops, and what Codex does for it with it. */
  close(): void {
    for (const job of this.running) job.end({ status: 'failed', problem: 'The hub was stopped.' })
  }

  #forgetOldest(): void {
    const ended = [...this.#jobs.values()].filter((job) => !job.isRunning && job.stream.subscriberCount === 0)
    for (const { id } of ended.slice(0, Math.max(0, ended.length - MAX_ENDED))) this.#jobs.delete(id)
  }
}

/** Who holds the link of a login can log somebody in. */
function isFor({ facts }: Job, scopes: ReadonlySet<Scope>): boolean {
  return facts.kind === 'command' || scopes.has('admin')
}
