/** What makes a session's stream: its reducer, its snapshot parts and its frames. */
import { applyDeltas } from '../../protocol/apply-delta.ts'
import type { Delta } from '../../protocol/delta.ts'
import { mergeDelta } from '../../protocol/merge-deltas.ts'
import type { SessionState } from '../../protocol/session-state.ts'
import { snapshotParts } from '../../protocol/snapshot-deltas.ts'
import { FRAME_TARGET_BYTES } from '../../protocol/version.ts'
import type { StreamKind } from './stream.ts'

export function sessionStreamKind(sessionId: string): StreamKind<SessionState, Delta> {
  return {
    fold: applyDeltas,
    merge: mergeDelta,
    isGatherable: (delta) => delta.op === 'append',
    snapshotParts: (state) => snapshotParts(state, FRAME_TARGET_BYTES),
    deltaFrame: (cursor, deltas) => ({ method: 'session/delta', params: { sessionId, cursor, deltas } }),
    snapshotFrame: (cursor, part, last, deltas) => ({
      method: 'session/snapshot',
      params: { sessionId, cursor, part, last, deltas },
    }),
    weigh: weighDeltas,
  }
}

function weighDeltas(deltas: readonly Delta[]): number {
  let bytes = 200
  for (const delta of deltas)
    bytes += delta.op === 'append' ? 100 + delta.text.length : JSON.stringify(delta).length
  return bytes
}
