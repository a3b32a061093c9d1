/** Turns that are no longer part of a thread: which they are, and what a session is like without them. */
import type { Connector } from '../../connectors/connector.ts'
import type { HistoryTurn } from '../../connectors/event.ts'
import type { Store } from '../../persistence/store.ts'
import type { Delta } from '../../protocol/delta.ts'
import type { SessionState } from '../../protocol/session-state.ts'
import type { Turn } from '../../protocol/turn.ts'
import { RECONCILE_TURNS } from './catch-up.ts'
import { TOOLS } from './items.ts'
import type { SessionRecord } from './record.ts'
import { readWindow } from './stored-window.ts'
import { patch } from './summary-patch.ts'
import { previewOf } from './words.ts'

/**
 * Which of the known turns Codex no longer has, by the newest part of its history.
 * @param isWhole the history begins with the thread's first turn
 */
export function turnsGone(
  known: readonly Turn[],
  history: readonly HistoryTurn[],
  isWhole: boolean,
): string[] {
  const kept = new Set(history.map(({ turn }) => turn.id))
  const oldest = known.find(({ id }) => kept.has(id))
  // What was before the part that was read is not known to be gone.
  const from = isWhole ? 0 : (oldest?.seq ?? Number.POSITIVE_INFINITY)
  return known
    .filter(({ id, seq, status }) => seq >= from && status !== 'inProgress' && !kept.has(id))
    .map(({ id }) => id)
}

/** Turns of the session that Codex no longer has. */
export async function readGone(record: SessionRecord, store: Store, connector: Connector): Promise<string[]> {
  const list = () => store.listTurns({ sessionId: record.id, limit: 500 })
  // Held against what is there before and after: a turn that comes meanwhile has not left, and what the hub itself takes
  // out meanwhile must not be taken out once more.
  const before = new Set((await list()).rows.map(({ id }) => id))
  const history = await connector.readHistory({ maxTurns: RECONCILE_TURNS })
  const { rows } = await list()
  const known = rows.toReversed().filter(({ id }) => before.has(id))
  return turnsGone(known, history, history.length < RECONCILE_TURNS)
}

/** Older turns and items take the place of those that left the window; and what is counted is counted anew. */
export async function fillUp(record: SessionRecord, store: Store): Promise<void> {
  const { removals } = record
  const [{ turns, items }, counters] = await Promise.all([
    readWindow(store, record.id),
    store.countHistory(record.id, [...TOOLS]),
  ])
  // What was read may be what was removed since.
  if (!record.isHydrated || record.removals !== removals) return
  const { state } = record
  const [shownTurns, shownItems] = [idsOf(state.turns), idsOf(state.items)]
  record.show([
    ...turns.flatMap((turn): Delta[] => (shownTurns.has(turn.id) ? [] : [{ op: 'turn', turn }])),
    ...items.flatMap((item): Delta[] => (shownItems.has(item.id) ? [] : [{ op: 'item', item }])),
  ])
  record.apply(patch(record.summary, { counters, lastMessage: lastMessage(record.state) }))
}

function idsOf(list: readonly { readonly id: string }[]): ReadonlySet<string> {
  return new Set(list.map(({ id }) => id))
}

function lastMessage({ items }: SessionState): string | null {
  const text = items.findLast(({ type, status }) => type === 'agentMessage' && status !== 'inProgress')?.body
    .text
  return typeof text === 'string' ? previewOf(text) : null
}
