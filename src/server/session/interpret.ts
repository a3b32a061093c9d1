/**
 * Decides what a session event means: which deltas it makes of a state. Pure but for the sequence numbers it takes
 * from `Sequence`; it never asks who sent the event or which door it came through.
 */
import { isDeepStrictEqual } from 'node:util'
import type { SessionEvent, SourceTurn, ThreadFacts } from '../../connectors/event.ts'
import type { Approval } from '../../protocol/approval.ts'
import type { Delta } from '../../protocol/delta.ts'
import type { SessionState } from '../../protocol/session-state.ts'
import type { Summary } from '../../protocol/summary.ts'
import type { Turn } from '../../protocol/turn.ts'
import { append, isInBackground, isKnownItem, missingItem, type Sequence, takeItem } from './items.ts'
import { ranWith } from './ran-with.ts'
import { subagentAfter } from './subagent.ts'
import { patch } from './summary-patch.ts'
import { diffOf } from './words.ts'

type Patch = Partial<Summary>

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
      return takeItem(state, event.turnId, event.item, now, sequence)
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
      return patch(state.summary, { rateLimits: joinLimits(state.summary.rateLimits, event.rateLimits) })
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
    ...ranWith(summary, source, known),
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

/** Codex tells only what it just learnt: what it leaves empty has not changed, unless it speaks of another limit. */
function joinLimits(known: Fields | null, told: Fields): Fields {
  if (known === null || known.limitId !== told.limitId) return told
  const values = Object.entries(told).filter(([, value]) => value !== null && value !== undefined)
  return { ...known, ...Object.fromEntries(values) }
}

type Fields = Record<string, unknown>
