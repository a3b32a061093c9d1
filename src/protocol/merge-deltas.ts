/**
 * Merging deltas that wait for the same frame. Pure. **Invariant:** folding what was merged gives the same state as
 * folding every delta by itself.
 */
import type { AppendDelta, Delta } from './delta.ts'
import { applyPatch } from './fields.ts'

/** Add a delta to those that wait: into an earlier one where order cannot tell, else at the end. */
export function mergeDelta(pending: Delta[], delta: Delta): void {
  const isMerged =
    delta.op === 'append'
      ? mergeAppend(pending, delta)
      : delta.op === 'summary' && mergeSummary(pending, delta)
  if (!isMerged) pending.push(delta)
}

/** Texts of different fields commute as long as nothing in between puts, changes or removes items. */
function mergeAppend(pending: Delta[], delta: AppendDelta): boolean {
  for (let at = pending.length - 1; at >= 0; at--) {
    const known = pending[at] as Delta
    if (known.op === 'item' || known.op === 'itemPatch' || known.op === 'remove' || known.op === 'reset')
      return false
    if (known.op !== 'append' || known.itemId !== delta.itemId || known.field !== delta.field) continue
    if (known.index === delta.index) {
      pending[at] = { ...known, text: known.text + delta.text }
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
