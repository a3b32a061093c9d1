/**
 * Merging deltas that wait for the same frame. Pure. **Invariant:** folding what was merged gives the same state as
 * folding every delta by itself.
 */
import type { AppendDelta, Delta } from './delta.ts'
import { applyPatch } from './fields.ts'

/**
 * Add a delta to those that wait: into an earlier one where order cannot tell, else at the end. `pending` and what is in it
 * belong to the caller until they are sent; `delta` is left as it is.
 */
export function mergeDelta(pending: Delta[], delta: Delta): void {
  if (delta.op === 'append') {
    // A copy, so that the words which follow can be put to it without one more for each of them.
    if (!mergeAppend(pending, delta)) pending.push({ ...delta })
  } else if (delta.op !== 'summary' || !mergeSummary(pending, delta)) pending.push(delta)
}

/** What waits is nobody else's yet. */
type Gathered = Exclude<Delta, AppendDelta> | { -readonly [Key in keyof AppendDelta]: AppendDelta[Key] }

/** Texts of different fields commute as long as nothing in between puts, changes or removes items. */
function mergeAppend(pending: Delta[], delta: AppendDelta): boolean {
  for (let at = pending.length - 1; at >= 0; at--) {
    const known = pending[at] as Gathered
    if (known.op === 'item' || known.op === 'itemPatch' || known.op === 'remove' || known.op === 'reset')
      return false
    if (known.op !== 'append' || known.itemId !== delta.itemId || known.field !== delta.field) continue
    if (known.index === delta.index) {
      known.text += delta.text
      return true
    }
    // A text and a list of texts under one name: the later makes what it needs of the field.
    if (known.index === undefined || delta.index === undefined) return false
  }
  return false
}

function mergeSummary(pending: Delta[], delta: Extract<Delta, { op: 'summary' }>): boolean {
  for (let at = pending.length - 1; at >= 0; at--) {
    const known = pending[at] as Delta
    if (known.op === 'reset') return false
    if (known.op !== 'summary') continue
    pending[at] = { ...known, patch: applyPatch(known.patch, delta.patch) }
    return true
  }
  return false
}
