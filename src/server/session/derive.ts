/** Parts of a summary that follow from the rest of the state: what needs a person, and what can be asked for. Pure. */
import type { Connector, Operation } from '../../connectors/connector.ts'
import type { Delta } from '../../protocol/delta.ts'
import type { Item } from '../../protocol/item.ts'
import type { MethodName } from '../../protocol/methods.ts'
import type { SessionState } from '../../protocol/session-state.ts'
import type { Attention, Phase, Summary } from '../../protocol/summary.ts'
import { IMPORTED_ABLE, restingDoor } from './imported.ts'
import { isInBackground } from './items.ts'
import type { Activity } from './machine.ts'
import { patch } from './summary-patch.ts'

/** What follows from the rest of a state: patches of its summary, and the end of what only a process keeps alive. */
export function derivedDeltas(
  state: SessionState,
  phase: Phase,
  connector: Connector | null,
  isConnecting: boolean,
): Delta[] {
  const { summary } = state
  const next = {
    phase,
    door: connector?.door ?? restingDoor(summary),
    isolation: connector?.isolation ?? null,
    attention: attentionOf(state),
    capabilities: capabilitiesOf(phase, connector, summary),
  } as const
  return [...patch(summary, next), ...(connector || isConnecting ? [] : processGone(state))]
}

function processGone({ mcpServers, goal, items, turns }: SessionState): Delta[] {
  const isOver = (item: Item) => turns.find(({ id }) => id === item.turnId)?.status !== 'inProgress'
  const left = items.filter((item) => isInBackground(item) && isOver(item))
  return [
    ...(mcpServers.length > 0 || goal ? [{ op: 'processGone' } as const] : []),
    ...left.map(({ id }): Delta => ({ op: 'itemPatch', itemId: id, status: 'interrupted', body: {} })),
  ]
}

/** Why a person should look, most urgent first. */
export function attentionOf(state: SessionState): Attention | null {
  // A subagent's affairs are its parent's, which is also asked what it asks.
  if (state.summary.parentThreadId !== null) return null
  const pending = state.approvals.filter((approval) => approval.state === 'pending')
  if (pending.length > 0) {
    const isQuestion = pending.every(
      (approval) => approval.kind === 'question' || approval.kind === 'elicitation',
    )
    const since = Math.min(...pending.map((approval) => approval.requestedAt))
    return { reason: isQuestion ? 'question' : 'approval', since, count: pending.length }
  }
  const { problem, unread, updatedAt } = state.summary
  const last = state.turns.at(-1)
  if (problem) return { reason: 'failed', since: problem.at, count: 1 }
  const doubtful = state.queue.entries.find((entry) => entry.state === 'indeterminate')
  if (doubtful) return { reason: 'failed', since: doubtful.createdAt, count: 1 }
  if (unread === 0 || !last || last.status === 'inProgress') return null
  const since = last.completedAt ?? updatedAt
  if (last.status === 'failed') return { reason: 'failed', since, count: unread }
  return { reason: 'finished', since, count: unread }
}

/** What the facts show the session to be doing. `isActive`: Codex's own word, null where it gave none. */
export function activityOf(state: SessionState, isActive: boolean | null): Activity {
  if (state.approvals.some((approval) => approval.state === 'pending')) return 'awaitingApproval'
  return runningTurn(state) !== undefined || isActive === true ? 'working' : 'idle'
}

export function runningTurn(state: SessionState): SessionState['turns'][number] | undefined {
  return state.turns.findLast((turn) => turn.status === 'inProgress')
}

const NEEDS: readonly (readonly [MethodName, Operation])[] = [
  ['session/interrupt', 'interrupt'],
  ['session/configure', 'configure'],
  ['approval/decide', 'decide'],
  ['session/send', 'send'],
  ['queue/add', 'send'],
  ['session/terminal', 'terminal'],
  ['goal/set', 'goal'],
  ['terminal/list', 'terminals'],
]

const LIVE: readonly Phase[] = ['idle', 'working', 'awaitingApproval']

/** The hub commands that work on the session now. */
export function capabilitiesOf(
  phase: Phase,
  connector: Connector | null,
  {
    threadId,
    archived,
    imported,
    parentThreadId,
  }: Pick<Summary, 'threadId' | 'archived' | 'imported' | 'parentThreadId'>,
): string[] {
  if (imported) return sorted([...IMPORTED_ABLE])
  const able: string[] = ['session/markRead', 'session/delete']
  if (canRename(connector)) able.push('session/rename')
  if (threadId !== null) able.push('session/fork')
  if (parentThreadId !== null) return sorted(able)
  if (connector?.door === 'observed') return sorted([...able, 'session/takeOver', 'session/join'])
  if (threadId !== null && canArchive(phase, connector))
    able.push(archived ? 'session/unarchive' : 'session/archive')
  if (connector && LIVE.includes(phase)) {
    for (const [method, operation] of NEEDS) if (connector.operations.has(operation)) able.push(method)
    if (phase === 'idle' && canRevert(connector)) able.push('session/revert')
    if (phase === 'idle' && connector.operations.has('compact')) able.push('session/compact')
    if (phase === 'idle' && connector.operations.has('review')) able.push('session/review')
    if (phase === 'idle' && connector.operations.has('mode')) able.push('plan/decide')
    if (phase !== 'idle' && connector.operations.has('steer')) able.push('session/steer', 'queue/steer')
    if (phase === 'idle' && connector.door === 'driven') able.push('session/release')
    if (phase === 'idle')
      return sorted([...able, 'session/end'].filter((method) => method !== 'session/interrupt'))
    return sorted([...able, 'session/end'])
  }
  if (
    threadId !== null &&
    !archived &&
    (phase === 'dormant' || phase === 'parked' || phase === 'closed' || phase === 'failed')
  ) {
    able.push(
      'session/send',
      'session/review',
      'queue/add',
      'session/resume',
      'session/configure',
      'session/revert',
      'goal/set',
      'plan/decide',
    )
  }
  if (phase === 'dormant' || phase === 'parked' || phase === 'failed') able.push('session/end')
  return sorted(able)
}

/** What is only observed is named beside whoever has it open. */
function canRename(connector: Connector | null): boolean {
  return !connector || connector.door === 'observed' || connector.operations.has('rename')
}

function canRevert({ operations }: Connector): boolean {
  return operations.has('revert') || operations.has('rollback')
}

function canArchive(phase: Phase, connector: Connector | null): boolean {
  if (connector) return phase === 'idle' && connector.operations.has('archive')
  return phase === 'dormant' || phase === 'closed' || phase === 'failed'
}

function sorted(methods: string[]): string[] {
  return methods.sort()
}
