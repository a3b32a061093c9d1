/**
 * The one reducer. The hub, the SDK, replay and tests fold deltas with this function and no other.
 * **Invariant:** a pure function of its arguments; its limits are part of the protocol version.
 */
import type { Approval } from './approval.ts'
import type { AppendDelta, Delta, ItemPatchDelta } from './delta.ts'
import type { Item } from './item.ts'
import type { SessionBase, SessionState } from './session-state.ts'
import type { Turn } from './turn.ts'

/** How many items a session's state holds; older ones are paged with `session/items`. */
export const WINDOW_ITEMS = 200
/** How many UTF-16 units of text the items of a state hold together before the oldest ended ones leave it. */
export const WINDOW_UNITS = 2 * 1024 * 1024
export const WINDOW_TURNS = 100
export const ENDED_APPROVALS = 20
export const WINDOW_WARNINGS = 20
/** One text field of an item's body holds at most this; what is longer keeps its head and its tail. */
export const TEXT_LIMIT = 1024 * 1024

/** A state to fold a snapshot's first `reset` onto. Its summary is never read. */
export const EMPTY_STATE: SessionState = {
  summary: {} as SessionBase['summary'],
  turns: [],
  approvals: [],
  plan: null,
  diff: null,
  warnings: [],
  items: [],
}

/** Fold deltas onto a state, in order. Unknown ops are passed over: a newer hub may send them. */
export function applyDeltas(state: SessionState, deltas: readonly Delta[]): SessionState {
  let next = state
  for (const delta of deltas) next = applyDelta(next, delta)
  return next
}

/** Fold one delta onto a state. Returns the same object when nothing changed. */
export function applyDelta(state: SessionState, delta: Delta): SessionState {
  switch (delta.op) {
    case 'reset':
      return { ...delta.state, items: [] }
    case 'summary':
      return { ...state, summary: { ...state.summary, ...delta.patch } }
    case 'turn':
      return { ...state, turns: putTurn(state.turns, delta.turn) }
    case 'item':
      return { ...state, items: putItem(state.items, delta.item) }
    case 'itemPatch':
      return patchItem(state, delta)
    case 'append':
      return append(state, delta)
    case 'remove':
      return {
        ...state,
        turns: state.turns.filter((turn) => !delta.turnIds.includes(turn.id)),
        items: state.items.filter((item) => !delta.itemIds.includes(item.id)),
      }
    case 'approval':
      return { ...state, approvals: putApproval(state.approvals, delta.approval) }
    case 'plan':
      return { ...state, plan: delta.plan }
    case 'diff':
      return { ...state, diff: delta.diff }
    case 'warning':
      return { ...state, warnings: [...state.warnings, delta.warning].slice(-WINDOW_WARNINGS) }
    default:
      return state
  }
}

function putTurn(turns: readonly Turn[], turn: Turn): Turn[] {
  return putBySeq(turns, turn).slice(-WINDOW_TURNS)
}

function putBySeq<T extends { readonly id: string; readonly seq: number }>(
  list: readonly T[],
  entry: T,
): T[] {
  const index = list.findLastIndex((known) => known.id === entry.id)
  if (index >= 0) return list.with(index, entry)
  // Almost always the newest; a late one goes where its seq says.
  const before = list.findLastIndex((known) => known.seq < entry.seq)
  return list.toSpliced(before + 1, 0, entry)
}

function putItem(items: readonly Item[], item: Item): Item[] {
  const next = putBySeq(items, item)
  if (next.length === items.length) return next
  let units = 0
  for (const entry of next) units += itemUnits(entry)
  // The oldest leave first, but never one that still grows, and never the newest.
  let index = 0
  while (index < next.length - 1 && (next.length > WINDOW_ITEMS || units > WINDOW_UNITS)) {
    const candidate = next[index] as Item
    if (candidate.status === 'inProgress' && next.length <= WINDOW_ITEMS * 2) {
      index += 1
      continue
    }
    units -= itemUnits(candidate)
    next.splice(index, 1)
  }
  return next
}

const unitsOf = new WeakMap<Item, number>()

/** The size of an item's texts in UTF-16 units; a measure of weight, not of its encoded form. */
export function itemUnits(item: Item): number {
  const known = unitsOf.get(item)
  if (known !== undefined) return known
  const units = weigh(item.body)
  unitsOf.set(item, units)
  return units
}

function weigh(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return 8
  let units = 16
  for (const entry of Object.values(value)) units += weigh(entry)
  return units
}

function putApproval(approvals: readonly Approval[], approval: Approval): Approval[] {
  const index = approvals.findIndex((known) => known.id === approval.id)
  const next = index >= 0 ? approvals.with(index, approval) : [...approvals, approval]
  let surplus = next.filter((entry) => entry.state !== 'pending').length - ENDED_APPROVALS
  return surplus <= 0 ? next : next.filter((entry) => entry.state === 'pending' || surplus-- <= 0)
}

function patchItem(state: SessionState, delta: ItemPatchDelta): SessionState {
  const index = state.items.findLastIndex((item) => item.id === delta.itemId)
  const item = state.items[index]
  if (!item) return state
  const { hole, ...rest } = item
  const next: Item = {
    ...rest,
    status: delta.status ?? item.status,
    completedAt: delta.completedAt === undefined ? item.completedAt : delta.completedAt,
    body: { ...item.body, ...delta.body },
  }
  if (delta.hole ?? hole) next.hole = true
  return { ...state, items: state.items.with(index, next) }
}

function append(state: SessionState, delta: AppendDelta): SessionState {
  const index = state.items.findLastIndex((item) => item.id === delta.itemId)
  const item = state.items[index]
  if (!item) return state
  return { ...state, items: state.items.with(index, appendToItem(item, delta)) }
}

/** Add a delta's text to an item. Exported for the store, which keeps the same texts. */
export function appendToItem(item: Item, delta: Omit<AppendDelta, 'op' | 'itemId'>): Item {
  const { field, index, text } = delta
  const known = item.body[field]
  if (index === undefined) {
    const whole = (typeof known === 'string' ? known : '') + text
    if (whole.length <= TEXT_LIMIT) return { ...item, body: { ...item.body, [field]: whole } }
    const cutBefore = item.cut?.[field]
    const length = cutBefore === undefined ? whole.length : cutBefore + text.length
    return {
      ...item,
      body: { ...item.body, [field]: headAndTail(whole) },
      cut: { ...item.cut, [field]: length },
    }
  }
  const list = Array.isArray(known) ? [...(known as unknown[])] : []
  while (list.length <= index) list.push('')
  list[index] = `${typeof list[index] === 'string' ? list[index] : ''}${text}`
  return { ...item, body: { ...item.body, [field]: list } }
}

const HEAD = TEXT_LIMIT / 4
const TAIL = TEXT_LIMIT / 2

/**
 * The first quarter and the newest half of `TEXT_LIMIT`. Cutting below the limit leaves room, so that a text that
 * goes on growing is not copied for every piece.
 */
export function headAndTail(text: string): string {
  return text.slice(0, HEAD) + text.slice(text.length - TAIL)
}
