/**
 * Hints of the file system for the rollouts of one home: what they are aimed at, and what becomes of it when they fail.
 * They are tried again by and by; nothing may depend on them.
 */
import { dirname, join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import type { Hints, OpenHints } from './hints.ts'
import { type RolloutFile, sessionsFolder } from './rollout-tree.ts'
import { lockFolder } from './writer-lock.ts'

export interface TreeHintsOptions {
  readonly codexHome: string
  readonly clock: Clock
  readonly openHints: OpenHints
  readonly onHint: (path: string) => void
  /** There are no more hints, for now. */
  readonly onFailed: () => void
}

const RETRY_MS = 10 * 60_000
/** An old session that goes on is not in a day folder that is watched: its file is watched by itself for this long. */
const HOT_MS = 10 * 60_000
const HOT_FILES = 64
const WATCHED_DAYS = 2

export class TreeHints {
  readonly #options: TreeHintsOptions
  #hints: Hints | null = null
  #problem: { readonly at: number; readonly message: string } | null = null
  #isClosed = false

  constructor(options: TreeHintsOptions) {
    this.#options = options
  }

  /** Why there are none; null while there are. */
  get problem(): string | null {
    return this.#problem?.message ?? null
  }

  open(): void {
    this.#problem = null
    this.#hints = this.#options.openHints({
      changed: (path) => this.#options.onHint(path),
      failed: (error) => this.#failed(error),
    })
  }

  /**
   * The root, the newest days, and files elsewhere that are being written: some watches, not thousands. The
   * archive is not among them: what is archived leaves a folder, and that is hinted at.
   * @param days newest first
   */
  aim(days: readonly string[], files: Iterable<RolloutFile>): void {
    const { codexHome, clock } = this.#options
    if (this.#problem && clock.now() - this.#problem.at >= RETRY_MS) this.open()
    const newest = days.slice(0, WATCHED_DAYS)
    const folders = new Set([
      sessionsFolder(codexHome),
      lockFolder(codexHome),
      // Else the first session of a home is found by the next sweep only. It stays among them: chokidar stops watching
      // all that is below a folder it is told to let go of.
      codexHome,
      ...newest.flatMap((day) => [dirname(dirname(day)), dirname(day), day]),
    ])
    const hot = [...files]
      .filter(({ path, modifiedAt }) => clock.now() - modifiedAt < HOT_MS && !folders.has(dirname(path)))
      .sort((a, b) => b.modifiedAt - a.modifiedAt)
      .slice(0, HOT_FILES)
      .map(({ path }) => path)
    this.#hints?.watch([...folders, ...hot].map((path) => join(path)))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#hints?.close()
  }

  #failed(error: Error): void {
    if (this.#problem || this.#isClosed) return
    this.#problem = { at: this.#options.clock.now(), message: error.message }
    const hints = this.#hints
    this.#hints = null
    // Closing waits for its own pending events; nothing here depends on it.
    hints?.close().catch(() => {})
    this.#options.onFailed()
  }
}
