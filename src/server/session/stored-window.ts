/** The newest turns and items of a session as its state holds them, read from the store. */
import type { Store } from '../../persistence/store.ts'
import { WINDOW_TURNS } from '../../protocol/apply-delta.ts'
import type { Item } from '../../protocol/item.ts'
import { WINDOW_ITEMS } from '../../protocol/item-window.ts'
import type { Turn } from '../../protocol/turn.ts'
import { boundItem } from './bound-item.ts'

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
  return { turns: turns.rows.toSorted((a, b) => a.seq - b.seq), items: items.map(rebound) }
}

function rebound(item: Item): Item {
  const bounded = boundItem(item, item.turnId, item.seq)
  // A text cut while it streamed is stored as it was shown, with the length it had.
  const cut = { ...item.cut, ...bounded.cut }
  return { ...bounded, ...(Object.keys(cut).length > 0 ? { cut } : {}), ...(item.hole ? { hole: true } : {}) }
}
