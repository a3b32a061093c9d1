/** What a session shows, read from the store: its state, with the newest turns and items. */
import type { Store } from '../../persistence/store.ts'
import { applyDeltas, EMPTY_STATE, ENDED_APPROVALS, WINDOW_TURNS } from '../../protocol/apply-delta.ts'
import type { Delta } from '../../protocol/delta.ts'
import type { Item } from '../../protocol/item.ts'
import { WINDOW_ITEMS } from '../../protocol/item-window.ts'
import type { SessionState } from '../../protocol/session-state.ts'
import type { Summary } from '../../protocol/summary.ts'
import type { Turn } from '../../protocol/turn.ts'
import { boundItem } from './bound-item.ts'
import { isInBackground } from './items.ts'

/** How much stored body is read to fill a state's window. Bytes. */
const WINDOW_BYTES = 8 * 1024 * 1024

/** Both oldest first. */
export async function readWindow(
  store: Store,
  sessionId: string,
): Promise<{ readonly turns: readonly Turn[]; readonly items: readonly Item[] }> {
  const [turns, items] = await Promise.all([
    store.listTurns({ sessionId, limit: WINDOW_TURNS }),
    store.loadWindow({ sessionId, maxItems: WINDOW_ITEMS, maxBytes: WINDOW_BYTES }),
  ])
  const shown = turns.rows.toSorted((a, b) => a.seq - b.seq)
  // Of older ones those that may still go on: a crash may have left others open.
  const older = items.length - WINDOW_ITEMS
  const kept = items.filter((item, index) => index >= older || mayGoOn(item, shown))
  return { turns: shown, items: kept.map(rebound) }
}

function mayGoOn(item: Item, turns: readonly Turn[]): boolean {
  return isInBackground(item) || turns.some(({ id, status }) => id === item.turnId && status === 'inProgress')
}

function rebound(item: Item): Item {
  const bounded = boundItem(item, item.turnId, item.seq)
  // A text cut while it streamed is stored as it was shown, with the length it had.
  const cut = { ...item.cut, ...bounded.cut }
  return { ...bounded, ...(Object.keys(cut).length > 0 ? { cut } : {}), ...(item.hole ? { hole: true } : {}) }
}

/** All that is shown of a session, as the store has it; its queue is kept elsewhere. @param summary as it is when all is read */
export async function readState(
  store: Store,
  sessionId: string,
  summary: () => Summary,
): Promise<{ readonly state: SessionState; readonly unifiedDiff: string | null }> {
  const [details, { turns, items }, pending, newest] = await Promise.all([
    store.loadDetails(sessionId),
    readWindow(store, sessionId),
    store.loadPendingApprovals(sessionId),
    store.listApprovals({ sessionId, limit: ENDED_APPROVALS }),
  ])
  const ended = newest.rows.filter((approval) => approval.state !== 'pending')
  const base: SessionState = {
    ...EMPTY_STATE,
    summary: summary(),
    turns: [...turns],
    approvals: [...ended, ...pending].toSorted((a, b) => a.requestedAt - b.requestedAt),
    plan: details?.plan ?? null,
    diff: details?.diff ?? null,
    warnings: [...(details?.warnings ?? [])],
  }
  const put = items.map((item): Delta => ({ op: 'item', item }))
  return { state: applyDeltas(base, put), unifiedDiff: details?.unifiedDiff ?? null }
}
