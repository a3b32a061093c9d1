/** Up to when a person has looked at what happened: one moment for all tabs of this browser. */
import { Observable, type Readable } from '../../client/observable.ts'
import type { AttentionEntry } from '../../protocol/attention.ts'

const KEY = 'codex-hub.inbox-seen'

const moment = new Observable(read())

export const seenUntil: Readable<number> = moment

addEventListener('storage', ({ key }) => {
  if (key === KEY || key === null) moment.set(read())
})

/** Entries up to this one have been on the screen. */
export function markSeen(at: number): void {
  if (at <= read()) return
  localStorage.setItem(KEY, String(at))
  moment.set(at)
}

/** What came since then and asks still. */
export function unseenOf(entries: readonly AttentionEntry[], until: number): readonly AttentionEntry[] {
  return entries.filter(({ raisedAt, clearedAt }) => clearedAt === null && raisedAt > until)
}

function read(): number {
  return Number(localStorage.getItem(KEY) ?? 0) || 0
}
