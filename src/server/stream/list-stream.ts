/** What makes the list's stream. Patches of one session gather and merge, so a busy session costs a frame per window. */
import { applyListDeltas, type ListDelta, type ListState } from '../../protocol/list-delta.ts'
import { listSnapshotParts } from '../../protocol/snapshot-deltas.ts'
import { FRAME_TARGET_BYTES } from '../../protocol/version.ts'
import type { StreamKind } from './stream.ts'

export const listStreamKind: StreamKind<ListState, ListDelta> = {
  fold: applyListDeltas,
  merge: mergeListDelta,
  isGatherable: (delta) => delta.op === 'put' || delta.op === 'patch' || delta.op === 'total',
  snapshotParts: (state) => listSnapshotParts(state, FRAME_TARGET_BYTES),
  deltaFrame: (cursor, deltas) => ({ method: 'sessions/delta', params: { cursor, deltas } }),
  snapshotFrame: (cursor, part, last, deltas) => ({
    method: 'sessions/snapshot',
    params: { cursor, part, last, deltas },
  }),
  weigh: (deltas) => JSON.stringify(deltas).length,
}

/**
 * Deltas of different sessions commute, so a patch joins what was gathered of its session wherever that stands. Of the
 * totals only the last counts.
 */
export function mergeListDelta(gathered: ListDelta[], delta: ListDelta): void {
  if (delta.op === 'total') {
    const last = gathered.at(-1)
    if (last?.op === 'total') gathered.pop()
  }
  if (delta.op === 'patch') {
    const index = gathered.findIndex((known) => known.op === 'patch' && known.sessionId === delta.sessionId)
    const known = gathered[index]
    if (known?.op === 'patch') {
      gathered[index] = { ...known, patch: { ...known.patch, ...delta.patch } }
      return
    }
  }
  gathered.push(delta)
}
