/** What a session is like when something of it ended, or begins without having said so. Pure. */
import type { SourceTurn } from '../../connectors/event.ts'
import type { Delta } from '../../protocol/delta.ts'
import type { SessionBase, SessionState } from '../../protocol/session-state.ts'
import type { Turn } from '../../protocol/turn.ts'

/** Why a turn is over whose end nobody told: words and code. */
export const DIED = ['The Codex process ended before the turn did.', 'processDied'] as const

/** A turn that Codex accepted and has not told of yet. */
export function acceptedTurn(id: string): SourceTurn {
  return { id, status: 'inProgress', error: null, startedAt: null, completedAt: null }
}

/** A turn whose end nobody told. */
export function cutOff({ id, startedAt }: Turn, message: string, code: string, now: number): SourceTurn {
  return { id, status: 'interrupted', error: { message, code }, startedAt, completedAt: now }
}

/** What was streamed while nobody listened is missing from what still grows. */
export function holesIn({ items }: SessionState): Delta[] {
  return items.flatMap((item): Delta[] =>
    item.status === 'inProgress' ? [{ op: 'itemPatch', itemId: item.id, hole: true, body: {} }] : [],
  )
}

/** A state whose past is read once more. */
export function startedOver(state: SessionState): SessionBase {
  const { items: _items, ...base } = state
  const counters = { turns: 0, items: 0, prompts: 0, tools: 0 }
  return { ...base, turns: [], plan: null, diff: null, summary: { ...base.summary, counters } }
}
