/**
 * A snapshot is itself a list of deltas: what builds a state from nothing, in parts that each fit a frame. Pure.
 * **Invariant:** the parts folded onto the empty state give exactly the state they were made of.
 */
import type { Delta } from './delta.ts'
import { own } from './fields.ts'
import { TEXT_LIMIT } from './growing-text.ts'
import type { Item } from './item.ts'
import { cutText, jsonBytes } from './json-size.ts'
import type { ListDelta, ListState } from './list-delta.ts'
import type { SessionState } from './session-state.ts'

/** What a frame's method, ids and cursor take, and an append's own. */
const ENVELOPE_BYTES = 512
/** Texts shorter than this stay in their item. UTF-16 units. */
const WORTH_SPLITTING = 1024
/** The largest `index` an `append` takes. */
const MAX_INDEX = 9_999

/** A delta with what it takes in a part. Bytes. */
interface Weighed<D> {
  readonly delta: D
  readonly bytes: number
}

/**
 * What items were made into, for as long as they live: a session that streams has a new revision every few milliseconds,
 * and each that joins or comes back then has all of its items weighed, though one of them has changed.
 */
const madeOf = new WeakMap<Item, { readonly room: number; readonly deltas: readonly Weighed<Delta>[] }>()

/** The state as deltas, in parts under `targetBytes` as JSON wherever what is in them can be split. */
export function snapshotParts(state: SessionState, targetBytes: number): Delta[][] {
  const room = targetBytes - ENVELOPE_BYTES
  return pack(sessionDeltas(state, room), room)
}

/** The same for the session list. */
export function listSnapshotParts(state: ListState, targetBytes: number): ListDelta[][] {
  const deltas: ListDelta[] = [{ op: 'reset', total: state.total }]
  for (const summary of state.sessions.values()) deltas.push({ op: 'put', summary })
  return pack(deltas.map(weighed), targetBytes - ENVELOPE_BYTES)
}

function weighed<D>(delta: D): Weighed<D> {
  // One more for the comma.
  return { delta, bytes: jsonBytes(delta) + 1 }
}

function pack<D>(deltas: Iterable<Weighed<D>>, room: number): D[][] {
  let part: D[] = []
  const parts = [part]
  let filled = 0
  for (const { delta, bytes } of deltas) {
    if (filled + bytes > room && part.length > 0) {
      part = []
      parts.push(part)
      filled = 0
    }
    part.push(delta)
    filled += bytes
  }
  return parts
}

function* sessionDeltas(state: SessionState, room: number): Generator<Weighed<Delta>> {
  for (const delta of baseDeltas(state, room)) yield weighed(delta)
  for (const item of state.items) yield* itemDeltas(item, room)
}

function itemDeltas(item: Item, room: number): readonly Weighed<Delta>[] {
  const known = madeOf.get(item)
  if (known?.room === room) return known.deltas
  const whole = weighed<Delta>({ op: 'item', item })
  const deltas = whole.bytes <= room ? [whole] : [...splitItem(item, room)].map(weighed)
  madeOf.set(item, { room, deltas })
  return deltas
}

function* baseDeltas(state: SessionState, room: number): Generator<Delta> {
  const { items: _items, ...base } = state
  const whole: Delta = { op: 'reset', state: base }
  if (jsonBytes(whole) <= room) yield whole
  else {
    const queue = { ...base.queue, entries: [] }
    const bare = {
      turns: [],
      approvals: [],
      plan: null,
      diff: null,
      warnings: [],
      queue,
      mcpServers: [],
      goal: null,
    }
    yield { op: 'reset', state: { ...base, ...bare } }
    for (const turn of base.turns) yield { op: 'turn', turn }
    for (const approval of base.approvals) yield { op: 'approval', approval }
    if (base.plan) yield { op: 'plan', plan: base.plan }
    if (base.diff) yield { op: 'diff', diff: base.diff }
    for (const warning of base.warnings) yield { op: 'warning', warning }
    for (const entry of base.queue.entries) yield { op: 'queueEntry', entry }
    for (const server of base.mcpServers) yield { op: 'mcpServer', server }
    if (base.goal) yield { op: 'goal', goal: base.goal }
  }
}

/** A large item: first without its long texts, then the texts piece by piece. */
function* splitItem(item: Item, room: number): Generator<Delta> {
  const appends: Delta[] = []
  let cut = item.cut
  const take = (text: string, path: string, place: { field: string; index?: number }): string => {
    for (const piece of cutText(text, room - ENVELOPE_BYTES - jsonBytes(path))) {
      appends.push({ op: 'append', itemId: item.id, ...place, text: piece })
    }
    // Appending counts the whole length on from what is given here, and ends at the length it has.
    const length = item.cut && own(item.cut, path)
    if (length !== undefined) cut = { ...cut, [path]: length - text.length }
    return ''
  }
  const body = Object.entries(item.body).map(([field, value]): [string, unknown] => {
    if (isLong(value)) return [field, take(value, field, { field })]
    if (!Array.isArray(value)) return [field, value]
    const list = value.map((entry: unknown, index) =>
      isLong(entry) && index <= MAX_INDEX ? take(entry, `${field}.${index}`, { field, index }) : entry,
    )
    return [field, list]
  })
  // `Object.fromEntries` defines own keys, so a key named `__proto__` stays a key.
  yield { op: 'item', item: { ...item, body: Object.fromEntries(body), ...(cut && { cut }) } }
  yield* appends
}

/** Long enough to split, and not so long that the reducer would cut it once more. */
function isLong(value: unknown): value is string {
  return typeof value === 'string' && value.length >= WORTH_SPLITTING && value.length <= TEXT_LIMIT
}
