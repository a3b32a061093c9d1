/** Which prompt of a queue is next, and what holds it up. Pure. */
import type { Queue, QueueEntry } from '../../protocol/queue.ts'
import type { Turn } from '../../protocol/turn.ts'

/** The entry to be sent next; null while the queue is held, one is on its way, or none is due. */
export function dueEntry({ entries, hold }: Queue, now: number): QueueEntry | null {
  if (hold || entries.some(({ state }) => state !== 'waiting')) return null
  return entries.find(({ notBefore }) => notBefore === null || notBefore <= now) ?? null
}

/** When the next entry will be due that is not yet; null when there is none. */
export function nextTime({ entries, hold }: Queue, now: number): number | null {
  const times = hold
    ? []
    : entries.flatMap(({ notBefore }) => (notBefore !== null && notBefore > now ? notBefore : []))
  return times.length > 0 ? Math.min(...times) : null
}

/**
 * The newest turn, where it did not end well and nobody has said since that the queue shall go on. A prompt whose time came
 * after that end did not wait for it.
 */
export function turnThatHolds(
  newest: Turn | undefined,
  { notBefore }: QueueEntry,
  pastTurnId: string | null,
): Turn | null {
  if (!newest || newest.status === 'completed' || newest.status === 'inProgress') return null
  if (newest.id === pastTurnId) return null
  return notBefore !== null && (newest.completedAt ?? 0) <= notBefore ? null : newest
}
