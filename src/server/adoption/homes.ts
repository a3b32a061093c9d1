/**
 * The Codex homes the hub knows, its own first, and the watching of those whose sessions are adopted. Changed while it
 * runs, one change after the other. **Invariant:** a home that is watched no more keeps its sessions, and follows none.
 */
import { statSync } from 'node:fs'
import type { Session } from '../session/session.ts'
import type { AdoptionRooms } from './adoption.ts'
import { HomeAdoption, type HomeReport } from './home.ts'

export interface ConfiguredHome {
  readonly codexHome: string
  readonly adopt: boolean
}

export class Homes {
  #configured: readonly ConfiguredHome[]
  #watched: readonly HomeAdoption[] = []
  #rooms: AdoptionRooms | null = null
  #changing: Promise<unknown> = Promise.resolve()

  constructor(configured: readonly ConfiguredHome[]) {
    this.#configured = configured
  }

  get configured(): readonly ConfiguredHome[] {
    return this.#configured
  }

  /** Those whose sessions are adopted. */
  get watched(): readonly HomeAdoption[] {
    return this.#watched
  }

  /** Begin to watch. Resolves when the rollouts are known by name. */
  start(rooms: AdoptionRooms): Promise<void> {
    this.#rooms = rooms
    return this.change((homes) => homes)
  }

  /** @param change of the homes as they are when it is its turn; what it throws is thrown here, and nothing changes */
  change(change: (homes: readonly ConfiguredHome[]) => readonly ConfiguredHome[]): Promise<void> {
    const changed = this.#changing.catch(() => {}).then(() => this.#apply(change(this.#configured)))
    this.#changing = changed
    return changed
  }

  async close(): Promise<void> {
    await this.#changing.catch(() => {})
    await Promise.all(this.#watched.map((home) => home.close()))
  }

  get report(): HomeReport[] {
    return this.#configured.map(({ codexHome, adopt }, index) => {
      const home = this.#watched.find((each) => each.codexHome === codexHome)
      if (home) {
        const { report } = home
        return { ...report, problems: [...folderProblem(codexHome, index === 0), ...report.problems] }
      }
      const nothing = { threads: 0, waiting: 0, observed: 0, problems: [], dropped: [], daemon: null }
      return { codexHome, adopt, ...nothing }
    })
  }

  async #apply(configured: readonly ConfiguredHome[]): Promise<void> {
    this.#configured = configured
    const rooms = this.#rooms
    if (!rooms) return
    const wanted = configured.filter(({ adopt }) => adopt).map(({ codexHome }) => codexHome)
    const left = this.#watched.filter(({ codexHome }) => !wanted.includes(codexHome))
    const known = new Map(this.#watched.map((home) => [home.codexHome, home]))
    const added = wanted.filter((each) => !known.has(each)).map((each) => new HomeAdoption(each, rooms))
    // Before anything rests: what rests is looked at once more in the homes that are here.
    this.#watched = wanted.flatMap(
      (each) => known.get(each) ?? added.find(({ codexHome }) => codexHome === each) ?? [],
    )
    await this.#letGo(left, rooms)
    await Promise.all(left.map((home) => home.close()))
    // A look that was under way may have opened one more.
    await this.#letGo(left, rooms)
    await Promise.all(added.map((home) => home.start()))
  }

  /** What is only seen in these homes is followed no further. */
  async #letGo(homes: readonly HomeAdoption[], { registry }: AdoptionRooms): Promise<void> {
    if (homes.length === 0) return
    const isSeenThere = ({ connector, summary: { threadId } }: Session): boolean =>
      (connector?.door === 'observed' || connector?.door === 'attached') &&
      threadId !== null &&
      homes.some((home) => home.threadOf(threadId) !== null || home.isLoaded(threadId))
    const seen = [...registry.sessions].filter(isSeenThere)
    await Promise.all(seen.map(({ id }) => registry.stop(id, { rest: 'dormant' })))
  }
}

/** A home that nobody used yet is made by Codex; one that somebody named is expected to be there. */
function folderProblem(codexHome: string, isOwn: boolean): string[] {
  const found = statSync(codexHome, { throwIfNoEntry: false })
  if (found) return found.isDirectory() ? [] : [`${codexHome} is no folder.`]
  return isOwn ? [] : [`${codexHome} does not exist. It is looked for again and again.`]
}
