/**
 * The one reducer. The hub, the SDK, replay and tests fold deltas with this function and no other.
 * **Invariant:** a pure function of its arguments; its limits are part of the protocol version.
 */
import type { Approval } from './approval.ts'
import { putBySeq } from './by-seq.ts'
import type { AppendDelta, Delta, ItemPatchDelta } from './delta.ts'
import { applyPatch } from './fields.ts'
import { appendToItem } from './growing-text.ts'
import type { Item } from './item.ts'
import { keepWindow, replaceItem } from './item-window.ts'
import type { McpStartup } from './mcp-server.ts'
import { applyQueueDelta, EMPTY_QUEUE } from './queue.ts'
import type { SessionBase, SessionState } from './session-state.ts'
import type { Turn } from './turn.ts'

export const WINDOW_TURNS = 100
export const ENDED_APPROVALS = 20
export const WINDOW_WARNINGS = 20

/** A state to fold a snapshot's first `reset` onto. Its summary is never read. */
export const EMPTY_STATE: SessionState = {
  summary: {} as SessionBase['summary'],
  turns: [],
  approvals: [],
  plan: null,
  diff: null,
  warnings: [],
  queue: EMPTY_QUEUE,
  mcpServers: [],
  goal: null,
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
      return reset(delta.state)
    case 'summary':
      return { ...state, summary: applyPatch(state.summary, delta.patch) }
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
        items: state.items.filter(
          (item) => !delta.itemIds.includes(item.id) && !delta.turnIds.includes(item.turnId),
        ),
      }
    case 'approval':
      return { ...state, approvals: putApproval(state.approvals, delta.approval) }
    case 'plan':
      return { ...state, plan: delta.plan }
    case 'goal':
      return { ...state, goal: delta.goal }
    case 'mcpServer':
      return { ...state, mcpServers: putServer(state.mcpServers, delta.server) }
    case 'processGone':
      return { ...state, mcpServers: [], goal: null }
    case 'diff':
      return { ...state, diff: delta.diff }
    case 'warning':
      return { ...state, warnings: [...state.warnings, delta.warning].slice(-WINDOW_WARNINGS) }
    case 'queueEntry':
    case 'queueHold':
    case 'queueRemove':
    case 'queueSent':
      return { ...state, queue: applyQueueDelta(state.queue, delta) }
    default:
      return state
  }
}

function reset(base: SessionBase): SessionState {
  return {
    ...base,
    turns: base.turns.slice(-WINDOW_TURNS),
    approvals: boundApprovals(base.approvals),
    warnings: base.warnings.slice(-WINDOW_WARNINGS),
    items: [],
  }
}

/** Configurations with more servers than this show the first ones. */
export const MCP_SERVERS = 50

function putServer(servers: readonly McpStartup[], server: McpStartup): McpStartup[] {
  const index = servers.findIndex(({ name }) => name === server.name)
  if (index >= 0) return servers.with(index, server)
  return [...servers, server].slice(0, MCP_SERVERS)
}

function putTurn(turns: readonly Turn[], turn: Turn): Turn[] {
  return putBySeq(turns, turn).slice(-WINDOW_TURNS)
}

function putItem(items: readonly Item[], item: Item): Item[] {
  const index = items.findLastIndex((known) => known.id === item.id)
  if (items[index]?.seq === item.seq) return replaceItem(items, index, item)
  return keepWindow(putBySeq(items, item))
}

function putApproval(approvals: readonly Approval[], approval: Approval): Approval[] {
  const index = approvals.findIndex((known) => known.id === approval.id)
  return boundApprovals(index >= 0 ? approvals.with(index, approval) : [...approvals, approval])
}

function boundApprovals(next: Approval[]): Approval[] {
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
  return { ...state, items: replaceItem(state.items, index, next) }
}

function append(state: SessionState, delta: AppendDelta): SessionState {
  const index = state.items.findLastIndex((item) => item.id === delta.itemId)
  const item = state.items[index]
  if (!item) return state
  return { ...state, items: replaceItem(state.items, index, appendToItem(item, delta)) }
}
