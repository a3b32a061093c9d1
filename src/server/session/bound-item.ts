/**
 * Bounds what an item may weigh in a state: long texts keep their head and tail, deeply nested ones their head. The
 * store keeps the whole; `cut` tells clients what to ask `item/read` for.
 */
import type { SourceItem } from '../../connectors/event.ts'
import { headAndTail, TEXT_LIMIT } from '../../protocol/growing-text.ts'
import type { Item } from '../../protocol/item.ts'

/** A text inside a list or an object of a body (a patch, an image, a tool's result) is cut after this. UTF-16 units. */
export const NESTED_LIMIT = 64 * 1024

/** The item as states hold it. */
export function boundItem(source: SourceItem, turnId: string, seq: number): Item {
  const cut: Record<string, number> = {}
  const body: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(source.body)) {
    if (typeof value === 'string') {
      body[key] = value.length > TEXT_LIMIT ? headAndTail(value) : value
      if (value.length > TEXT_LIMIT) cut[key] = value.length
    } else body[key] = boundNested(value, key, cut, 0)
  }
  const item: Item = {
    id: source.id,
    turnId,
    seq,
    type: source.type,
    status: source.status,
    startedAt: source.startedAt,
    completedAt: source.completedAt,
    body,
  }
  if (Object.keys(cut).length > 0) item.cut = cut
  return item
}

function boundNested(value: unknown, path: string, cut: Record<string, number>, depth: number): unknown {
  if (typeof value === 'string') {
    if (value.length <= NESTED_LIMIT) return value
    cut[path] = value.length
    return value.slice(0, NESTED_LIMIT)
  }
  if (typeof value !== 'object' || value === null || depth > 20) return value
  if (Array.isArray(value))
    return value.map((entry, index) => boundNested(entry, `${path}.${index}`, cut, depth + 1))
  // `Object.fromEntries` defines own keys, so a key named `__proto__` stays a key.
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, boundNested(entry, `${path}.${key}`, cut, depth + 1)]),
  )
}

/** The text at a dotted path of a body, as used in `cut`; undefined where there is none. */
export function textAt(body: Record<string, unknown>, path: string): string | undefined {
  let value: unknown = body
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, unknown>)[key]
  }
  return typeof value === 'string' ? value : undefined
}
