/** What Codex knows of a session's newest turns, compared with what the hub remembers of them. */
import type { HistoryTurn, SessionEvent } from '../../connectors/event.ts'
import type { Store } from '../../persistence/store.ts'
import type { Item } from '../../protocol/item.ts'
import { runningTurn } from './derive.ts'
import { type KnownTurn, reconcile } from './reconcile.ts'
import type { SessionRecord } from './record.ts'

/** How much of a thread's past is compared after the hub was away. Turns. */
export const RECONCILE_TURNS = 20

/**
 * The events that bring a session up to a history that was read back.
 * @param isActive Codex says that the thread works: its running turn is not over because a reading of a file says so
 */
export async function catchUp(
  record: SessionRecord,
  store: Store,
  history: readonly HistoryTurn[],
  isActive: () => boolean,
): Promise<SessionEvent[]> {
  const known = await knownTurns(record, store, history.length + RECONCILE_TURNS)
  // What streamed while the store was read is in the state already: compare with that too.
  const fresh = new Map(record.state.items.map((item) => [item.id, item]))
  const turns = new Map(record.state.turns.map((turn) => [turn.id, turn]))
  const merged: KnownTurn[] = known.map(({ turn, items }) => ({
    turn: turns.get(turn.id) ?? turn,
    items: items.map((item) => fresh.get(item.id) ?? item),
  }))
  const runningId = isActive() ? runningTurn(record.state)?.id : undefined
  return reconcile(merged, history).filter(
    (event) => event.type !== 'turnCompleted' || runningId === undefined || event.turn.id !== runningId,
  )
}

async function knownTurns(record: SessionRecord, store: Store, limit: number): Promise<KnownTurn[]> {
  const sessionId = record.id
  record.writeGrowing()
  const { rows } = await store.listTurns({ sessionId, limit })
  const known = rows.map(
    async (turn): Promise<KnownTurn> => ({
      turn,
      items: await itemsOf(store, sessionId, turn.id),
    }),
  )
  return (await Promise.all(known)).toSorted((a, b) => a.turn.seq - b.turn.seq)
}

/** All of them: a page ends early where bodies are large, and what is not known would be taken for new. */
async function itemsOf(store: Store, sessionId: string, turnId: string): Promise<Item[]> {
  const items: Item[] = []
  let pageToken: string | undefined
  do {
    const query = { sessionId, turnId, order: 'oldestFirst', limit: 500, pageToken } as const
    const page = await store.listItems(query)
    items.push(...page.rows)
    pageToken = page.nextPageToken ?? undefined
  } while (pageToken !== undefined)
  return items
}
