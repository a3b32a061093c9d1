/**
 * The session list while deltas are folded onto it: the newest `LIST_LIMIT` sessions, and which of them goes when one more
 * comes. Lives no longer than one fold. **Invariant:** the outcome depends on the deltas and their order alone, not on how
 * many are folded at once.
 */
import { applyPatch } from './fields.ts'
import type { Summary } from './summary.ts'

/** How many sessions the list stream holds. Those that need attention or live are kept before newer dormant ones. */
export const LIST_LIMIT = 1_000

export class ListWindow {
  readonly sessions: Map<string, Summary>
  /** The next to go last. Null until one has to go: most folds change a session or two. */
  #ranked: Summary[] | null = null

  constructor(sessions: ReadonlyMap<string, Summary>) {
    this.sessions = new Map(sessions)
  }

  put(summary: Summary): void {
    this.#replace(this.sessions.get(summary.id), summary)
    if (this.sessions.size <= LIST_LIMIT) return
    this.#ranked ??= [...this.sessions.values()].sort(byRank)
    const victim = this.#ranked.pop()
    if (victim) this.sessions.delete(victim.id)
  }

  patch(sessionId: string, patch: Partial<Summary>): void {
    const known = this.sessions.get(sessionId)
    if (known) this.#replace(known, applyPatch(known, patch))
  }

  drop(sessionId: string): void {
    const known = this.sessions.get(sessionId)
    this.sessions.delete(sessionId)
    if (known) this.#ranked?.splice(this.#placeOf(known), 1)
  }

  clear(): void {
    this.sessions.clear()
    this.#ranked = null
  }

  #replace(known: Summary | undefined, summary: Summary): void {
    if (known) this.#ranked?.splice(this.#placeOf(known), 1)
    this.sessions.set(summary.id, summary)
    this.#ranked?.splice(this.#placeOf(summary), 0, summary)
  }

  /** Where a session stands among the ranked, or would stand. */
  #placeOf(summary: Summary): number {
    const ranked = this.#ranked ?? []
    let [from, to] = [0, ranked.length]
    while (from < to) {
      const middle = (from + to) >> 1
      if (byRank(ranked[middle] as Summary, summary) < 0) from = middle + 1
      else to = middle
    }
    return from
  }
}

/** Those that are kept first: live before dormant, newer before older, then by id. No two are equal. */
function byRank(a: Summary, b: Summary): number {
  const isKeptA = isKept(a)
  if (isKeptA !== isKept(b)) return isKeptA ? -1 : 1
  if (a.updatedAt !== b.updatedAt) return b.updatedAt - a.updatedAt
  return a.id < b.id ? 1 : -1
}

function isKept(summary: Summary): boolean {
  return summary.attention !== null || summary.door !== 'dormant'
}
