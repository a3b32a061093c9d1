/** The session list as a stream: its state, its deltas and the fold. Pure; the hub and clients run the same code. */
import { z } from 'zod'
import { ListWindow } from './list-window.ts'
import { type Summary, summarySchema } from './summary.ts'

export const listDeltaSchema = z.discriminatedUnion('op', [
  /** Start over with an empty list. First of every snapshot. `total` counts all sessions, also those not listed. */
  z.object({ op: z.literal('reset'), total: z.int() }),
  /** Insert or replace a summary. */
  z.object({ op: z.literal('put'), summary: summarySchema }),
  /** Replace fields of a listed summary. */
  z.object({ op: z.literal('patch'), sessionId: z.string(), patch: summarySchema.partial() }),
  z.object({ op: z.literal('drop'), sessionId: z.string() }),
  z.object({ op: z.literal('total'), total: z.int() }),
])

export type ListDelta = z.infer<typeof listDeltaSchema>

/** The newest sessions by id, at most `LIST_LIMIT`; older ones are paged with `session/list`. */
export interface ListState {
  readonly sessions: ReadonlyMap<string, Summary>
  readonly total: number
}

export const EMPTY_LIST: ListState = { sessions: new Map(), total: 0 }

/** Fold deltas into the list. **Invariant:** a pure function of its arguments, or clients and hub drift apart. */
export function applyListDeltas(state: ListState, deltas: readonly ListDelta[]): ListState {
  const window = new ListWindow(state.sessions)
  let total = state.total
  for (const delta of deltas) {
    switch (delta.op) {
      case 'reset':
        window.clear()
        total = delta.total
        break
      case 'put':
        window.put(delta.summary)
        break
      case 'patch':
        window.patch(delta.sessionId, delta.patch)
        break
      case 'drop':
        window.drop(delta.sessionId)
        break
      case 'total':
        total = delta.total
        break
    }
  }
  return { sessions: window.sessions, total }
}
