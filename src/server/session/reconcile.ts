/**
 * Brings what the hub remembers of a thread in step with what Codex says happened meanwhile. Pure: given known turns
 * and a history read back, it says which events would make up the difference, so that no item appears twice.
 */
import type { HistoryTurn, SessionEvent, SourceItem } from '../../connectors/event.ts'
import type { Item } from '../../protocol/item.ts'
import type { Turn } from '../../protocol/turn.ts'
import { promptText } from './words.ts'

/** A turn as stored, with its items, oldest first. */
export interface KnownTurn {
  readonly turn: Turn
  readonly items: readonly Item[]
}

/** The events that bring `known` up to `history`. Both oldest first, the newest of the thread. */
export function reconcile(known: readonly KnownTurn[], history: readonly HistoryTurn[]): SessionEvent[] {
  const events: SessionEvent[] = []
  for (const [read, match] of matchTurns(known, history)) {
    const turnId = match?.turn.id ?? read.turn.id
    const isChanged = !match || match.turn.status !== read.turn.status
    if (!match)
      events.push({ type: 'turnStarted', turn: { ...read.turn, status: 'inProgress', completedAt: null } })
    for (const item of alignItems(match?.items ?? [], read, turnId))
      events.push({ type: 'item', turnId, item })
    // A turn known under another id was counted anew from a record without ends: it calls a broken turn completed.
    const tellsEnd = !match || match.turn.id === read.turn.id
    if (isChanged && tellsEnd && read.turn.status !== 'inProgress') {
      events.push({ type: 'turnCompleted', turn: { ...read.turn, id: turnId } })
    }
  }
  return events
}

/**
 * Pairs by turn id; where Codex numbers turns anew in each process (0.98), by the prompt, from the newest backwards.
 */
function matchTurns(
  known: readonly KnownTurn[],
  history: readonly HistoryTurn[],
): (readonly [HistoryTurn, KnownTurn | undefined])[] {
  const byId = new Map(known.map((entry) => [entry.turn.id, entry]))
  let place = known.length - 1
  const pairs: (readonly [HistoryTurn, KnownTurn | undefined])[] = []
  for (const read of history.toReversed()) {
    const exact = byId.get(read.turn.id)
    if (exact || (read.hasStableIds && !read.mayDiffer)) {
      pairs.push([read, exact])
      continue
    }
    const prompt = promptOf(read.items)
    let index = place
    while (index >= 0 && promptOf((known[index] as KnownTurn).items) !== prompt) index -= 1
    pairs.push([read, known[index]])
    if (index >= 0) place = index - 1
  }
  return pairs.reverse()
}

function promptOf(
  items: readonly { readonly type: string; readonly body: Record<string, unknown> }[],
): string {
  return promptText(items.find((item) => item.type === 'userMessage')?.body.content)
}

/** The items of a turn that are new or say more than the stored ones, under the ids the hub knows them by. */
function alignItems(known: readonly Item[], read: HistoryTurn, turnId: string): SourceItem[] {
  const changed: SourceItem[] = []
  const named = new Set(read.hasStableIds ? read.items.map(({ id }) => id) : [])
  const isStrict = read.hasStableIds && !read.mayDiffer
  let place = 0
  for (const source of read.items) {
    let index = named.has(source.id) ? known.findIndex((item) => item.id === source.id) : -1
    // Known from another source it has another id, also in a turn both name alike (rollouts up to 0.142).
    if (index < 0 && !isStrict)
      index = known.findIndex((item, at) => at >= place && !named.has(item.id) && isSameItem(item, source))
    const match = known[index]
    if (match) {
      place = index + 1
      if (match.hole || match.status === 'inProgress' || match.status === 'interrupted')
        changed.push({ ...source, id: match.id })
    } else {
      changed.push(read.hasStableIds ? source : { ...source, id: `${turnId}:${source.id}` })
    }
  }
  return changed
}

/** An item read back under another id is the same when its type and text are; a cut-off text is a beginning of it. */
function isSameItem(item: Item, source: SourceItem): boolean {
  if (item.type !== source.type) return false
  // A text with a hole is a beginning of nothing; its place and type are all there is to go by.
  if (item.hole) return true
  const mine = textOf(item)
  const theirs = textOf(source)
  return item.status === 'inProgress' || item.status === 'interrupted'
    ? theirs.startsWith(mine)
    : mine === theirs
}

function textOf(item: { readonly type: string; readonly body: Record<string, unknown> }): string {
  const { text, content, summary } = item.body
  if (item.type === 'userMessage') return promptText(content)
  if (typeof text === 'string') return text
  return Array.isArray(summary) ? summary.join('\n') : ''
}
