/**
 * The items before a state's window that a reader has paged in. Pure. **Invariant:** together with the window they
 * have no hole: what leaves the window by its limits joins them, what is removed leaves them.
 */
import type { Delta } from '../protocol/delta.ts'
import type { Item } from '../protocol/item.ts'
import type { SessionState } from '../protocol/session-state.ts'

/** Carry the older items over a change of the state by `deltas`. The same list when nothing changed. */
export function carryOlder(
  older: readonly Item[],
  before: SessionState,
  after: SessionState,
  deltas: readonly Delta[],
): readonly Item[] {
  const removed = new Set<string>()
  const removedTurns = new Set<string>()
  const candidates = new Map<string, Item>()
  for (const item of before.items) candidates.set(item.id, item)
  for (const delta of deltas) {
    if (delta.op === 'remove') {
      for (const id of delta.itemIds) removed.add(id)
      for (const id of delta.turnIds) removedTurns.add(id)
    }
    // A burst may put an item in and push it out again within one frame.
    if (delta.op === 'item') candidates.set(delta.item.id, delta.item)
  }
  if (before.items === after.items && removedTurns.size === 0) return older
  const shown = new Set(after.items.map((item) => item.id))
  for (const id of shown) candidates.delete(id)
  // After a revert items of the past come into the window again.
  const isUnchanged = candidates.size === 0 && removed.size === 0 && removedTurns.size === 0
  if (isUnchanged && !older.some((item) => shown.has(item.id))) return older
  return mergeItems(older, [...candidates.values()], after.items).filter(
    (item) => !removed.has(item.id) && !removedTurns.has(item.turnId),
  )
}

/** One list by `seq`, each id once: the later argument wins, and what the window shows is left out. */
export function mergeItems(
  older: readonly Item[],
  more: readonly Item[],
  window: readonly Item[],
): readonly Item[] {
  const shown = new Set(window.map((item) => item.id))
  const byId = new Map<string, Item>()
  for (const item of [...older, ...more]) if (!shown.has(item.id)) byId.set(item.id, item)
  return [...byId.values()].sort((a, b) => a.seq - b.seq)
}
