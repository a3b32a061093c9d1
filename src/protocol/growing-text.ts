/**
 * Texts that grow by appends and are held in part once they are long: their head and their newest tail. Pure.
 * **Invariant:** what is held depends on the whole text only, never on the pieces in which it came, or the hub, which
 * merges pieces, and its clients would hold different texts.
 */
import type { AppendDelta } from './delta.ts'
import { own } from './fields.ts'
import type { Item } from './item.ts'
import { weighChange } from './item-window.ts'

/** One text field of an item's body holds at most this; of what is longer, the head and the tail. UTF-16 units. */
export const TEXT_LIMIT = 1024 * 1024
const HEAD = TEXT_LIMIT / 4
/**
 * The gap between head and tail grows by whole blocks. *This is deliberate*: an exact tail would copy the text for each
 * piece; this copies it once in 256 Ki units and still is a function of the length alone.
 */
const BLOCK = TEXT_LIMIT / 4

/** What is held of a text: all of it up to `TEXT_LIMIT`; else its head and a tail of 512 to 768 Ki units. */
export function headAndTail(text: string): string {
  if (text.length <= TEXT_LIMIT) return text
  const dropped = Math.ceil((text.length - TEXT_LIMIT) / BLOCK) * BLOCK
  return endWhole(text.slice(0, HEAD)) + startWhole(text.slice(HEAD + dropped))
}

/** Add a delta's text to an item. Exported for the store, which keeps the same texts. */
export function appendToItem(item: Item, delta: Omit<AppendDelta, 'op' | 'itemId'>): Item {
  const { field, index, text } = delta
  const known = own(item.body, field)
  const list = index === undefined ? null : listOf(known, index)
  const path = index === undefined ? field : `${field}.${index}`
  const before = textOf(list ? list[index as number] : known)
  const whole = before + text
  const held = headAndTail(whole)
  if (list) list[index as number] = held
  const next: Item = { ...item, body: { ...item.body, [field]: list ?? held } }
  const cutBefore = item.cut && own(item.cut, path)
  // The length is counted on from what was there; the gap follows from what is held.
  if (cutBefore !== undefined || held.length < whole.length) {
    next.cut = { ...item.cut, [path]: (cutBefore ?? before.length) + text.length }
  }
  weighChange(item, next, field)
  return next
}

function listOf(known: unknown, index: number): unknown[] {
  const list = Array.isArray(known) ? [...(known as unknown[])] : []
  while (list.length <= index) list.push('')
  return list
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

// Half a surrogate pair at a cut becomes U+FFFD: of the same length, and sound in UTF-8.
function endWhole(text: string): string {
  return isHigh(text.charCodeAt(text.length - 1)) ? `${text.slice(0, -1)}\ufffd` : text
}

function startWhole(text: string): string {
  return isLow(text.charCodeAt(0)) ? `\ufffd${text.slice(1)}` : text
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}
