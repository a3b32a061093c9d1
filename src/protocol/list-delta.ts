/** The session list as a stream: its state, its deltas and the fold. Pure; the hub and clients run the same code. */
import { z } from 'zod'
import { applyPatch } from './fields.ts'
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

/** How many sessions the list stream holds. Those that need attention or live are kept before newer dormant ones. */
export const LIST_LIMIT = 1_000

export const EMPTY_LIST: ListState = { sessions: new Map(), total: 0 }

/** Fold deltas into the list. **Invariant:** a pure function of its arguments, or clients and hub drift apart. */
export function applyListDeltas(state: ListState, deltas: readonly ListDelta[]): ListState {
  const sessions = new Map(state.sessions)
  let total = state.total
  for (const delta of deltas) {
    switch (delta.op) {
      case 'reset':
        sessions.clear()
        total = delta.total
        break
      case 'put':
        sessions.set(delta.summary.id, delta.summary)
        if (sessions.size > LIST_LIMIT) evict(sessions)
        break
      case 'patch': {
        const known = sessions.get(delta.sessionId)
        if (known) sessions.set(delta.sessionId, applyPatch(known, delta.patch))
        break
      }
      case 'drop':
        sessions.delete(delta.sessionId)
        break
      case 'total':
        total = delta.total
        break
    }
  }
  return { sessions, total }
}

function evict(sessions: Map<string, Summary>): void {
  let victim: Summary | undefined
  for (const summary of sessions.values()) {
    if (!victim || ranksBelow(summary, victim)) victim = summary
  }
  if (victim) sessions.delete(victim.id)
}

/** True when `a` goes before `b` when room is needed: dormant before live, older before newer, then by id. */
function ranksBelow(a: Summary, b: Summary): boolean {
  const keepA = isKept(a)
  const keepB = isKept(b)
  if (keepA !== keepB) return keepB
  if (a.updatedAt !== b.updatedAt) return a.updatedAt < b.updatedAt
  return a.id < b.id
}

function isKept(summary: Summary): boolean {
  return summary.attention !== null || summary.door !== 'dormant'
}
