/**
 * Which items a state holds: the newest, bounded in number and in text. Pure.
 * **Invariant:** the bounds hold after every delta, and a state within them stays so when it is put together again item
 * by item. Otherwise a snapshot would not fold to the state it was made of.
 */
import { own } from './fields.ts'
import type { Item } from './item.ts'

/** How many items a session's state holds; older ones are paged with `session/items`. */
export const WINDOW_ITEMS = 200
/** How many UTF-16 units of text the items of a state hold together before the oldest ended ones leave it. */
export const WINDOW_UNITS = 2 * 1024 * 1024

/**
 * No text weighs more than this. *This is deliberate*: a text over its limit is shortened by whole blocks, so what is
 * held of it shrinks now and then. Its weight must not, or a text that comes in two pieces could push out an item that
 * the same text in one piece would leave.
 */
const TEXT_WEIGHT_CAP = 768 * 1024

const unitsOfItem = new WeakMap<Item, number>()
const unitsOfItems = new WeakMap<readonly Item[], number>()

/** Let the oldest leave until the bounds hold; never one that still grows, and never the newest. */
export function keepWindow(items: Item[]): Item[] {
  let units = weighItems(items)
  if (items.length <= WINDOW_ITEMS && units <= WINDOW_UNITS) return items
  const kept = [...items]
  let index = 0
  while (index < kept.length - 1 && (kept.length > WINDOW_ITEMS || units > WINDOW_UNITS)) {
    const candidate = kept[index] as Item
    // A swarm of items that never end must not grow without end either.
    if (candidate.status === 'inProgress' && kept.length <= WINDOW_ITEMS * 2) {
      index += 1
      continue
    }
    units -= weighItem(candidate)
    kept.splice(index, 1)
  }
  unitsOfItems.set(kept, units)
  return kept
}

/** Replace one item. Costs what the item costs to weigh, not what all of them do. */
export function replaceItem(items: readonly Item[], index: number, item: Item): Item[] {
  const next = items.with(index, item)
  const known = items[index]
  if (known) unitsOfItems.set(next, weighItems(items) - weighItem(known) + weighItem(item))
  return keepWindow(next)
}

/** Tell the weight of an item of which only one field differs from a known one. */
export function weighChange(known: Item, next: Item, field: string): void {
  const change = weigh(own(next.body, field)) - weigh(own(known.body, field))
  unitsOfItem.set(next, weighItem(known) + change)
}

function weighItems(items: readonly Item[]): number {
  let units = unitsOfItems.get(items)
  if (units === undefined) {
    units = 0
    for (const item of items) units += weighItem(item)
    unitsOfItems.set(items, units)
  }
  return units
}

function weighItem(item: Item): number {
  let units = unitsOfItem.get(item)
  if (units === undefined) {
    units = weigh(item.body)
    unitsOfItem.set(item, units)
  }
  return units
}

/** UTF-16 units of all texts, and a little for the rest: a measure of weight, not of the encoded form. */
function weigh(value: unknown): number {
  if (typeof value === 'string') return Math.min(value.length, TEXT_WEIGHT_CAP)
  if (value === null || value === undefined) return 0
  if (typeof value !== 'object') return 8
  let units = 16
  for (const entry of Object.values(value)) units += weigh(entry)
  return units
}
