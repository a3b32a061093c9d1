/**
 * Decides what a session event means: which deltas it makes of a state. Pure but for the sequence numbers it takes
 * from `Sequence`; it never asks who sent the event or which door it came through.
 */
import { isDeepStrictEqual } from 'node:util'
import type { SessionEvent, SourceItem, SourceTurn, ThreadFacts } from '../../connectors/event.ts'
import type { Approval } from '../../protocol/approval.ts'
import type { Delta } from '../../protocol/delta.ts'
import type { Item } from '../../protocol/item.ts'
import type { SessionState } from '../../protocol/session-state.ts'
import type { Summary } from '../../protocol/summary.ts'
import type { Turn } from '../../protocol/turn.ts'
import { boundItem } from './bound-item.ts'
import { subagentAfter } from './subagent.ts'
import { diffOf, previewOf, promptText, titleOf } from './words.ts'

/** Numbers for turns and items; each is given once in the life of a session. */
export interface Sequence {
  takeTurn(): number
  takeItem(): number
}

type Patch = Partial<Summary>

/** Types of items that count as the use of a tool. */
export const TOOLS: ReadonlySet<string> = new Set([
  'commandExecution',
  'fileChange',
  'mcpToolCall',
  'dynamicToolCall',
  'webSearch',
  'collabAgentToolCall',
])

/** The deltas an event makes. Empty when it says nothing new. */
export function interpret(
  state: SessionState,
  event: SessionEvent,
  now: number,
  sequence: Sequence,
): Delta[] {
  switch (event.type) {
    case 'append':
      return [...missingItem(state, event, now, sequence), append(event)]
    case 'item':
      return item(state, event.turnId, event.item, now, sequence)
    case 'itemBody':
      return isKnownItem(state, event.itemId)
        ? [{ op: 'itemPatch', itemId: event.itemId, body: event.patch }]
        : []
    case 'turnStarted':
      return turnStarted(state, event.turn, now, sequence)
    case 'turnCompleted':
      return turnCompleted(state, event.turn, now, sequence)
    case 'thread':
      return threadFacts(state.summary, event.facts)
    case 'approvalRequested':
      return approvalRequested(state, event.approval, now)
    case 'plan':
      return [{ op: 'plan', plan: event.plan }]
    case 'diff':
      return [{ op: 'diff', diff: diffOf(event.turnId, event.unified) }]
    case 'mcpServer': {
      const known = state.mcpServers.find(({ name }) => name === event.server.name)
      return isDeepStrictEqual(known, event.server) ? [] : [{ op: 'mcpServer', server: event.server }]
    }
    case 'goal':
      return isDeepStrictEqual(state.goal, event.goal) ? [] : [{ op: 'goal', goal: event.goal }]
    case 'tokens':
      return patch(state.summary, { tokens: event.tokens })
    case 'rateLimits':
      return patch(state.summary, { rateLimits: event.rateLimits })
    case 'warning':
      return warning(state, event.message, now)
    case 'error':
      return warning(state, event.willRetry ? `${event.message} (Codex tries again)` : event.message, now)
    case 'removed':
      return removed(state, event.turnIds)
    case 'opaque':
      return [{ op: 'opaque', method: event.method, params: event.params }]
    case 'progress':
      return patch(state.summary, { reading: event.progress })
    case 'status':
    case 'reverted':
    case 'approvalResolved':
      // Life and the approvals' own room decide on these.
      return []
  }
}

function append(event: Extract<SessionEvent, { type: 'append' }>): Delta {
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
function missingItem(
  state: SessionState,
  event: Extract<SessionEvent, { type: 'append' }>,
  now: number,
  sequence: Sequence,
): Delta[] {
  if (isKnownItem(state, event.itemId)) return []
  const item: Item = {
    id: event.itemId,
    turnId: event.turnId,
    seq: sequence.takeItem(),
    type: TYPE_OF_FIELD[event.field] ?? 'unknown',
    status: 'inProgress',
    startedAt: now,
    completedAt: null,
    body: {},
    hole: true,
  }
  return [{ op: 'item', item }]
}

function item(
  state: SessionState,
  turnId: string,
  source: SourceItem,
  now: number,
  sequence: Sequence,
): Delta[] {
  const known = state.items.findLast((entry) => entry.id === source.id)
  if (known) {
    const delta = updateOf(known, boundItem(source, known.turnId, known.seq))
    return delta ? [delta, ...afterItem(state.summary, source, false, now)] : []
  }
  const next = boundItem(source, turnId, sequence.takeItem())
  return [{ op: 'item', item: next }, ...afterItem(state.summary, source, true, now)]
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
  const next: Patch = {}
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

function turnStarted(state: SessionState, source: SourceTurn, now: number, sequence: Sequence): Delta[] {
  const known = state.turns.find((turn) => turn.id === source.id)
  const turn = turnOf(state.summary, source, known, sequence)
  const deltas: Delta[] = isDeepStrictEqual(known, turn) ? [] : [{ op: 'turn', turn }]
  if (known) return deltas
  const counters = { ...state.summary.counters, turns: state.summary.counters.turns + 1 }
  // The diff and the plan shown are those of the running turn.
  if (state.diff) deltas.push({ op: 'diff', diff: null })
  if (state.plan) deltas.push({ op: 'plan', plan: null })
  const subagent = subagentAfter(state.summary, 'inProgress')
  return [...deltas, ...patch(state.summary, { counters, problem: null, updatedAt: now, ...subagent })]
}

function turnCompleted(state: SessionState, source: SourceTurn, now: number, sequence: Sequence): Delta[] {
  const known = state.turns.find((turn) => turn.id === source.id)
  const turn = turnOf(state.summary, source, known, sequence)
  if (known && isDeepStrictEqual(known, turn)) return []
  const deltas: Delta[] = [{ op: 'turn', turn }]
  // Codex ends each item it finishes; what is still open when its turn ends never will be.
  for (const open of state.items) {
    if (open.turnId !== source.id || open.status !== 'inProgress') continue
    if (source.status === 'completed' && isInBackground(open)) continue
    deltas.push({ op: 'itemPatch', itemId: open.id, status: 'interrupted', completedAt: now, body: {} })
  }
  const counters = { ...state.summary.counters, turns: state.summary.counters.turns + (known ? 0 : 1) }
  return [
    ...deltas,
    ...patch(state.summary, {
      counters,
      unread: state.summary.unread + 1,
      updatedAt: now,
      ...subagentAfter(state.summary, source.status),
    }),
  ]
}

function turnOf(summary: Summary, source: SourceTurn, known: Turn | undefined, sequence: Sequence): Turn {
  return {
    id: source.id,
    seq: known?.seq ?? sequence.takeTurn(),
    status: source.status,
    error: source.error,
    startedAt: source.startedAt ?? known?.startedAt ?? null,
    completedAt: source.completedAt,
    model: known?.model ?? summary.settings.model,
    effort: known?.effort ?? summary.settings.effort,
  }
}

function threadFacts(summary: Summary, facts: ThreadFacts): Delta[] {
  const next: Patch = {}
  if (facts.threadId !== undefined) next.threadId = facts.threadId
  if (facts.codexSessionId !== undefined) next.codexSessionId = facts.codexSessionId
  if (facts.forkedFromThreadId !== undefined) next.forkedFromThreadId = facts.forkedFromThreadId
  if (facts.cwd !== undefined) next.cwd = facts.cwd
  if (facts.git) next.git = { ...facts.git, root: facts.git.root ?? summary.git?.root ?? null }
  if (facts.codexVersion !== undefined) next.codexVersion = facts.codexVersion
  if (facts.archived !== undefined) next.archived = facts.archived
  if (facts.name) Object.assign(next, { title: facts.name, titleSource: 'name' })
  if (facts.settings) next.settings = { ...summary.settings, ...facts.settings }
  return patch(summary, next)
}

function approvalRequested(
  state: SessionState,
  request: Extract<SessionEvent, { type: 'approvalRequested' }>['approval'],
  now: number,
): Delta[] {
  const known = state.approvals.find((approval) => approval.id === request.key)
  if (known?.state === 'pending') return []
  const { key, choices, ...rest } = request
  const approval: Approval = { id: key, state: 'pending', outcome: null, choices: [...choices], ...rest }
  return [{ op: 'approval', approval }, ...patch(state.summary, { updatedAt: now })]
}

function warning(state: SessionState, message: string, at: number): Delta[] {
  // Codex repeats some of its warnings with every turn.
  if (state.warnings.some((known) => known.message === message)) return []
  return [{ op: 'warning', warning: { message: message.slice(0, 4_000), at } }]
}

function removed(state: SessionState, turnIds: readonly string[]): Delta[] {
  const deltas: Delta[] = [{ op: 'remove', turnIds: [...turnIds], itemIds: [] }]
  if (state.plan?.turnId && turnIds.includes(state.plan.turnId)) deltas.push({ op: 'plan', plan: null })
  if (state.diff?.turnId && turnIds.includes(state.diff.turnId)) deltas.push({ op: 'diff', diff: null })
  return [...deltas, ...patch(state.summary, { unread: 0, problem: null })]
}

/** A command the model stopped to wait for: it outlives its turn, and its own end is told. */
export function isInBackground({ type, status, body }: Item): boolean {
  return type === 'commandExecution' && status === 'inProgress' && body.source === 'unifiedExecStartup'
}

/** A summary delta with the fields that differ, or nothing. */
export function patch(summary: Summary, next: Patch): Delta[] {
  const changed = Object.fromEntries(
    Object.entries(next).filter(([key, value]) => !isDeepStrictEqual(summary[key as keyof Summary], value)),
  )
  return Object.keys(changed).length === 0 ? [] : [{ op: 'summary', patch: changed as Patch }]
}

function isKnownItem(state: SessionState, itemId: string): boolean {
  return state.items.findLastIndex((entry) => entry.id === itemId) >= 0
}
