/** What events say of items: which deltas they make, and what an item tells about its session. Pure but for `Sequence`. */
import { isDeepStrictEqual } from 'node:util'
import type { SessionEvent, SourceItem } from '../../connectors/event.ts'
import type { AppendDelta, Delta } from '../../protocol/delta.ts'
import type { Item } from '../../protocol/item.ts'
import { WINDOW_ITEMS } from '../../protocol/item-window.ts'
import type { SessionState } from '../../protocol/session-state.ts'
import type { Summary } from '../../protocol/summary.ts'
import { boundItem } from './bound-item.ts'
import { patch } from './summary-patch.ts'
import { previewOf, promptText, titleOf } from './words.ts'

/** Numbers for turns and items; each is given once in the life of a session. */
export interface Sequence {
  takeTurn(): number
  takeItem(): number
  /** Of items whose end was not told yet, by their ids: one that left the window meanwhile keeps its place. */
  readonly unended: Map<string, number>
}

/** A session that leaves more items than this open has the oldest of them begin anew. */
const MAX_UNENDED = 1_000

/** Types of items that count as the use of a tool. */
export const TOOLS: ReadonlySet<string> = new Set([
  'commandExecution',
  'fileChange',
  'mcpToolCall',
  'dynamicToolCall',
  'webSearch',
  'collabAgentToolCall',
])

/** Text that goes on. */
export function append(event: Extract<SessionEvent, { type: 'append' }>): AppendDelta {
  const { itemId, field, index, text } = event
  return index === undefined
    ? { op: 'append', itemId, field, text }
    : { op: 'append', itemId, field, index, text }
}

const TYPE_OF_FIELD: Record<string, string> = {
  text: 'agentMessage',
  aggregatedOutput: 'commandExecution',
  summary: 'reasoning',
  content: 'reasoning',
}

/** Text for an item whose start was missed (the hub was away): make it known, with a hole. */
export function missingItem(
  state: SessionState,
  event: Extract<SessionEvent, { type: 'append' }>,
  now: number,
  sequence: Sequence,
): Delta[] {
  if (isKnownItem(state, event.itemId)) return []
  // It began, and left a full window; its end will bring the whole text.
  if (sequence.unended.has(event.itemId) && state.items.length >= WINDOW_ITEMS) return []
  const seq = sequence.takeItem()
  notePlace(sequence, { id: event.itemId, status: 'inProgress' }, seq)
  const item: Item = {
    id: event.itemId,
    turnId: event.turnId,
    seq,
    type: TYPE_OF_FIELD[event.field] ?? 'unknown',
    status: 'inProgress',
    startedAt: now,
    completedAt: null,
    body: {},
    hole: true,
  }
  return [{ op: 'item', item }]
}

/** An item as the source has it now: a new one, or what changed of a known one. */
export function takeItem(
  state: SessionState,
  turnId: string,
  source: SourceItem,
  now: number,
  sequence: Sequence,
): Delta[] {
  const known = state.items.findLast((entry) => entry.id === source.id)
  const left = sequence.unended.get(source.id)
  const seq = known?.seq ?? left ?? sequence.takeItem()
  notePlace(sequence, source, seq)
  if (known) {
    const delta = updateOf(known, boundItem(source, known.turnId, known.seq))
    return delta ? [delta, ...afterItem(state.summary, source, false, now)] : []
  }
  const next = boundItem(source, turnId, seq)
  return [{ op: 'item', item: next }, ...afterItem(state.summary, source, left === undefined, now)]
}

function notePlace({ unended }: Sequence, { id, status }: Pick<Item, 'id' | 'status'>, seq: number): void {
  unended.delete(id)
  if (status !== 'inProgress') return
  unended.set(id, seq)
  const [oldest] = unended.keys()
  if (unended.size > MAX_UNENDED && oldest !== undefined) unended.delete(oldest)
}

/** The smallest delta that turns `known` into `next`; texts that were streamed are not sent again. */
function updateOf(known: Item, next: Item): Delta | null {
  // What is cut, or of another type than was guessed, is replaced whole.
  if (next.cut || known.cut || known.type !== next.type) return { op: 'item', item: next }
  const body: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(next.body)) {
    if (!isDeepStrictEqual(known.body[key], value)) body[key] = value
  }
  const isSame =
    Object.keys(body).length === 0 &&
    known.status === next.status &&
    known.completedAt === next.completedAt &&
    !known.hole
  if (isSame) return null
  return {
    op: 'itemPatch',
    itemId: known.id,
    status: next.status,
    completedAt: next.completedAt,
    ...(known.hole ? { hole: next.status === 'inProgress' } : {}),
    body,
  }
}

/** What an item tells about its session. */
function afterItem(summary: Summary, source: SourceItem, isNew: boolean, now: number): Delta[] {
  const next: Partial<Summary> = {}
  const counters = { ...summary.counters }
  if (isNew) counters.items += 1
  if (isNew && TOOLS.has(source.type)) {
    counters.tools += 1
    next.lastTool = toolName(source)
  }
  if (source.type === 'userMessage' && isNew) {
    counters.prompts += 1
    const text = promptText(source.body.content)
    if (summary.firstPrompt === null && text !== '') {
      next.firstPrompt = previewOf(text)
      if (summary.titleSource === 'slug') Object.assign(next, { title: titleOf(text), titleSource: 'prompt' })
    }
  }
  if (
    source.type === 'agentMessage' &&
    source.status !== 'inProgress' &&
    typeof source.body.text === 'string'
  ) {
    next.lastMessage = previewOf(source.body.text)
  }
  if (isNew) {
    next.counters = counters
    next.updatedAt = now
  }
  return patch(summary, next)
}

function toolName(source: SourceItem): string {
  const { tool, server, command } = source.body
  if (source.type === 'mcpToolCall') return `${String(server)}.${String(tool)}`
  if (source.type === 'commandExecution' && typeof command === 'string') return previewOf(command)
  return typeof tool === 'string' ? tool : source.type
}

/** A command the model stopped to wait for: it outlives its turn, and its own end is told. */
export function isInBackground({ type, status, body }: Item): boolean {
  return type === 'commandExecution' && status === 'inProgress' && body.source === 'unifiedExecStartup'
}

export function isKnownItem(state: SessionState, itemId: string): boolean {
  // Words come for the newest item nearly always.
  return state.items.at(-1)?.id === itemId || state.items.findLastIndex((entry) => entry.id === itemId) >= 0
}
