/** What makes the stream of the attention log. Where hundreds of sessions end at once it gathers. */
import { type AttentionDelta, type AttentionState, applyAttentionDeltas } from '../../protocol/attention.ts'
import type { StreamKind } from '../stream/stream.ts'

/** So many entries fill a frame. */
const PART_ENTRIES = 100

export const attentionStreamKind: StreamKind<AttentionState, AttentionDelta> = {
  fold: applyAttentionDeltas,
  merge: (gathered, delta) => {
    gathered.push(delta)
  },
  isGatherable: () => true,
  snapshotParts: partsOf,
  deltaFrame: (cursor, deltas) => ({ method: 'attention/delta', params: { cursor, deltas } }),
  snapshotFrame: (cursor, part, last, deltas) => ({
    method: 'attention/snapshot',
    params: { cursor, part, last, deltas },
  }),
  weigh: (deltas) => JSON.stringify(deltas).length,
}

function partsOf({ entries }: AttentionState): AttentionDelta[][] {
  const puts = [...entries.values()].map((entry): AttentionDelta => ({ op: 'put', entry }))
  const parts: AttentionDelta[][] = [[{ op: 'reset' }, ...puts.splice(0, PART_ENTRIES)]]
  while (puts.length > 0) parts.push(puts.splice(0, PART_ENTRIES))
  return parts
}
