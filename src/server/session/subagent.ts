/** What is known of a subagent: in its own summary, and in the item of the session that started it. */
import type { Subagent, Summary } from '../../protocol/summary.ts'
import type { TurnStatus } from '../../protocol/turn.ts'
import type { SessionRecord } from './record.ts'

const STATES: Record<TurnStatus, Subagent['state']> = {
  inProgress: 'running',
  completed: 'completed',
  interrupted: 'interrupted',
  failed: 'failed',
}

/** Codex's own words for them. */
const CODEX_STATES: Record<Subagent['state'], string> = {
  running: 'running',
  completed: 'completed',
  interrupted: 'interrupted',
  failed: 'errored',
}

/** What a turn that began or ended makes of a subagent; nothing for other sessions. Its end is nobody's news but its parent's. */
export function subagentAfter({ subagent, lastMessage }: Summary, status: TurnStatus): Partial<Summary> {
  if (!subagent) return {}
  const result = status === 'completed' ? lastMessage : null
  return { subagent: { ...subagent, state: STATES[status], result }, unread: 0 }
}

/**
 * Codex tells the state of a subagent when somebody asks it; the item that started it stays at what was true then. Put
 * the newest there, where a reader of the parent looks.
 */
export function tellParent(parent: SessionRecord, { threadId, subagent }: Summary): void {
  if (!parent.isHydrated || !subagent || threadId === null) return
  for (const { id, type, body } of parent.state.items) {
    const { tool, receiverThreadIds } = body
    if (type !== 'collabAgentToolCall' || tool !== 'spawnAgent' || !Array.isArray(receiverThreadIds)) continue
    if (!receiverThreadIds.includes(threadId)) continue
    const known = (body.agentsStates ?? {}) as Record<string, { status?: unknown; message?: unknown }>
    const state = { status: CODEX_STATES[subagent.state], message: subagent.result }
    const before = known[threadId]
    if (before?.status === state.status && before.message === state.message) continue
    const agentsStates = { ...known, [threadId]: state }
    parent.apply([{ op: 'itemPatch', itemId: id, body: { agentsStates } }])
  }
}
