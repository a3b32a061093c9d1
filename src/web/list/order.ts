/**
 * In which order sessions are listed: what needs a person, then what is pinned, then projects, those where something
 * goes on first. While it is held, what was there stays where it was; what is new comes after it. Pure.
 */
import type { Summary } from '../../protocol/summary.ts'

export interface Group {
  readonly name: string
  readonly members: readonly Summary[]
}

export const NEEDS_YOU = 'Needs you'
const PINNED = 'Pinned'

/** Approvals, questions, failures; then what works, what could, what rests. */
export function rank({ attention, phase, door }: Summary): number {
  if (attention?.reason === 'approval') return 0
  if (attention?.reason === 'question') return 1
  if (attention?.reason === 'failed') return 2
  if (isWorking(phase)) return 3
  return door === 'dormant' ? 5 : 4
}

/** Ranks below this need a person. */
const URGENT = 3

export function isUrgent(session: Summary): boolean {
  return rank(session) < URGENT
}

export function isWorking(phase: Summary['phase']): boolean {
  return phase === 'working' || phase === 'starting' || phase === 'recovering'
}

/** @param before what is on the screen and stays as it is; null: nothing is held. @param count of the rows that are wanted */
export function orderOf(
  sessions: readonly Summary[],
  pinned: ReadonlySet<string>,
  before: readonly Group[] | null,
  count: number,
): Group[] {
  const groups = new Map<string, Summary[]>()
  const put = (name: string, session: Summary): void => {
    const members = groups.get(name)
    if (members) members.push(session)
    else groups.set(name, [session])
  }
  const left = new Map(sessions.map((session) => [session.id, session]))
  for (const { name, members } of before ?? [])
    for (const { id } of members) {
      const session = left.get(id)
      if (!session) continue
      left.delete(id)
      put(name, session)
    }
  const place = (session: Summary): number =>
    isUrgent(session) ? rank(session) : rank(session) + (pinned.has(session.id) ? 0 : 10)
  const sorted = [...left.values()].toSorted((a, b) => place(a) - place(b) || b.updatedAt - a.updatedAt)
  const kept = sessions.length - left.size
  for (const session of sorted.slice(0, Math.max(0, count - kept))) put(nameOf(session, pinned), session)
  return [...groups].map(([name, members]) => ({ name, members }))
}

function nameOf(session: Summary, pinned: ReadonlySet<string>): string {
  if (isUrgent(session)) return NEEDS_YOU
  return pinned.has(session.id) ? PINNED : (session.git?.root ?? session.cwd)
}
