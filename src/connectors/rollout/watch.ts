/**
 * Watches the rollouts of one `CODEX_HOME` and tells which threads are there, changed, moved or gone. Its truth is a
 * periodic sweep over names and sizes; hints only make it look earlier. It opens no rollout and writes nothing.
 */
import { dirname } from 'node:path'
import type { Clock, Timer } from '../../base/clock.ts'
import type { OpenHints } from './hints.ts'
import { readRolloutName } from './rollout-name.ts'
import { type Listing, listRollouts, sessionsFolder, statRollout } from './rollout-tree.ts'
import { ThreadFiles, type WatchEvent } from './thread-files.ts'
import { TreeHints } from './tree-hints.ts'
import { listLockedThreads, readLockName } from './writer-lock.ts'

export interface WatchOptions {
  readonly codexHome: string
  readonly clock: Clock
  readonly openHints: OpenHints
  readonly onEvent: (event: WatchEvent) => void
  /** What is wrong with watching now, each a sentence for a person; empty when all is well. Called when it changes. */
  readonly onHealth: (problems: readonly string[]) => void
  readonly sweepMs?: number
}

const SWEEP_MS = 30_000
/** Without hints the sweep is all there is. */
const BLIND_SWEEP_MS = 5_000
/** A hint at a folder is followed by a second look after this long. */
const AGAIN_MS = 500
/** A file that was written this lately is looked at in every sweep. */
const WARM_MS = 24 * 60 * 60_000
/** Files that take turns are looked at in one sweep of so many. */
const COLD_SWEEPS = 10
const STATS_AT_ONCE = 64

export class RolloutWatcher {
  readonly #options: WatchOptions
  readonly #files = new ThreadFiles()
  /** Files the last sweep did not find. Gone only when the next one does not either: one may be on its way. */
  readonly #missing = new Set<string>()
  readonly #touched = new Set<string>()
  readonly #hints: TreeHints
  #health: readonly string[] = []
  #sweeps = 0
  #isSweepQueued = false
  #isClosed = false
  #timer: Timer | null = null
  #again: Timer | null = null
  #work: Promise<void> = Promise.resolve()

  constructor(options: WatchOptions) {
    this.#options = options
    const { codexHome, clock, openHints } = options
    this.#hints = new TreeHints({
      codexHome,
      clock,
      openHints,
      onHint: (path) => this.#hinted(path),
      onFailed: () => void this.sweep(),
    })
  }

  /** Find what is there, newest first, and go on watching. Resolves when the first sweep is done. */
  start(): Promise<void> {
    this.#hints.open()
    return this.sweep()
  }

  get threads(): ThreadFiles['threads'] {
    return this.#files.threads
  }

  /** Look at everything now. */
  sweep(): Promise<void> {
    if (!this.#isSweepQueued) {
      this.#isSweepQueued = true
      this.#then(() => this.#sweepOnce())
    }
    return this.#work
  }

  /** Look at one thread's files now. */
  lookAt(threadId: string): Promise<void> {
    this.#then(() => this.#look(this.threads.get(threadId)?.paths ?? []))
    return this.#work
  }

  /** Resolves when everything hinted at so far has been looked at. */
  settled(): Promise<void> {
    return this.#work
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#timer?.cancel()
    this.#again?.cancel()
    await this.#hints.close()
    await this.#work
  }

  /** One thing at a time: two looks at once could tell of a file in the wrong order. */
  #then(work: () => Promise<void>): void {
    this.#work = this.#work
      .then(() => (this.#isClosed ? undefined : work()))
      .catch((error: unknown) => this.#failed(error))
  }

  /** One look that fails is said, and followed by the next sweep like any other. */
  #failed(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    this.#health = [`A look at ${this.#options.codexHome} failed: ${message}`]
    this.#options.onHealth(this.#health)
    this.#schedule()
  }

  async #sweepOnce(): Promise<void> {
    this.#isSweepQueued = false
    this.#sweeps += 1
    const { codexHome } = this.#options
    const listing = await listRollouts(codexHome)
    const locked = await listLockedThreads(codexHome)
    const due = listing.paths.filter((path) => this.#isDue(path, locked, listing.days[0]))
    for (let from = 0; from < due.length && !this.#isClosed; from += STATS_AT_ONCE)
      await this.#look(due.slice(from, from + STATS_AT_ONCE))
    this.#dropMissing(listing)
    this.#hints.aim(listing.days, this.#files.files())
    this.#reportHealth(listing.problems.map(({ path, message }) => `${path} cannot be read: ${message}`))
    this.#schedule()
  }

  /** Unknown, newly written, being written, or its turn. */
  #isDue(path: string, locked: ReadonlySet<string>, newestDay: string | undefined): boolean {
    const known = this.#files.get(path)
    if (!known || locked.has(known.threadId) || this.#missing.has(path)) return true
    const ageMs = this.#options.clock.now() - known.modifiedAt
    if (ageMs < WARM_MS || dirname(path) === newestDay) return true
    return (Number.parseInt(known.threadId.slice(-4), 16) + this.#sweeps) % COLD_SWEEPS === 0
  }

  async #look(paths: readonly string[]): Promise<void> {
    const files = await Promise.all(paths.map((path) => statRollout(path, this.#options.codexHome)))
    const threadIds = new Set<string>()
    for (const file of files) {
      if (!file) continue
      this.#missing.delete(file.path)
      this.#files.put(file)
      threadIds.add(file.threadId)
    }
    this.#tell(threadIds)
  }

  #tell(threadIds: Iterable<string>): void {
    for (const threadId of threadIds) {
      const event = this.#files.news(threadId)
      if (event) this.#options.onEvent(event)
    }
  }

  #dropMissing({ paths, problems }: Listing): void {
    const present = new Set(paths)
    const threadIds = new Set<string>()
    for (const file of [...this.#files.files()]) {
      const { path } = file
      // What a folder holds that cannot be read now is not known to be gone.
      if (present.has(path) || problems.some((problem) => path.startsWith(problem.path))) continue
      if (!this.#missing.has(path) && !this.#files.hasTwin(file, present)) {
        this.#missing.add(path)
        continue
      }
      this.#missing.delete(path)
      this.#files.remove(file)
      threadIds.add(file.threadId)
    }
    this.#tell(threadIds)
    // Soon, not at the next sweep: nothing is shown longer than needed that is gone.
    if (this.#missing.size > 0 && threadIds.size === 0)
      this.#options.clock.after(1_000, () => void this.sweep())
  }

  #hinted(path: string): void {
    // Codex's databases and logs lie beside the sessions and change all the time.
    if (dirname(path) === this.#options.codexHome && path !== sessionsFolder(this.#options.codexHome)) return
    if (readRolloutName(path) === null) {
      const threadId = readLockName(path)
      const thread = threadId === null ? undefined : this.threads.get(threadId)
      // Somebody began or ceased to write this thread; else it may be the folder of a new day.
      if (thread) this.#then(() => this.#look(thread.paths))
      else {
        void this.sweep()
        // What is made in a folder while its watch is being set up is told by nobody.
        this.#again ??= this.#options.clock.after(AGAIN_MS, () => {
          this.#again = null
          void this.sweep()
        })
      }
      return
    }
    if (this.#touched.has(path)) return
    this.#touched.add(path)
    this.#then(async () => {
      // From here on a further hint means a further look.
      this.#touched.delete(path)
      const isThere = (await statRollout(path, this.#options.codexHome)) !== null
      if (isThere) await this.#look([path])
      else if (this.#files.get(path)) void this.sweep()
    })
  }

  #reportHealth(folderProblems: readonly string[]): void {
    const { codexHome, onHealth } = this.#options
    const blind = this.#hints.problem
    const problems = [
      ...folderProblems,
      ...(blind !== null
        ? [`Changes in ${codexHome} are found every ${BLIND_SWEEP_MS / 1000} s only: ${blind}`]
        : []),
    ]
    if (problems.join('\n') === this.#health.join('\n')) return
    this.#health = problems
    onHealth(problems)
  }

  #schedule(): void {
    if (this.#isClosed) return
    this.#timer?.cancel()
    const { clock, sweepMs = SWEEP_MS } = this.#options
    const ms = this.#hints.problem !== null ? Math.min(BLIND_SWEEP_MS, sweepMs) : sweepMs
    this.#timer = clock.after(ms, () => void this.sweep())
  }
}
