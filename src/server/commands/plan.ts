/** A plan that Codex proposed in Plan mode, accepted or refused by a person: once, and by whom is kept with it. */
import type { Actor } from '../../protocol/approval.ts'
import { HubError } from '../../protocol/errors.ts'
import type { Input } from '../../protocol/input.ts'
import type { Item } from '../../protocol/item.ts'
import type { Session } from '../session/session.ts'
import { startTurn } from './prompts.ts'

export interface PlanDecision {
  readonly commandId: string
  readonly itemId?: string | undefined
  readonly decision: 'accept' | 'refuse'
  readonly input?: Input | undefined
  readonly by: Actor
  readonly at: number
}

/** Codex's own words for it, as its terminal sends them. */
const CARRY_OUT: Input = [{ type: 'text', text: 'Implement the plan.' }]

/** @throws HubError `stale` with who was first; `notPossible` when no plan waits */
export async function decidePlan(
  session: Session,
  { commandId, itemId, decision, input, by, at }: PlanDecision,
): Promise<{ item: Item; turnId: string | null }> {
  session.refuseIfObserved()
  const item = proposalOf(session, itemId)
  const isTurnAsked = decision === 'accept' || input !== undefined
  if (isTurnAsked) session.turns.refuse()
  // Before anything is awaited: of two who decide at once one is second.
  note(session, item.id, { decision, by, at })
  try {
    if (!isTurnAsked) return { item: itemOf(session, item.id), turnId: null }
    const turnId = await startTurn(session, {
      commandId,
      input: decision === 'accept' ? [...CARRY_OUT, ...(input ?? [])] : (input ?? []),
      ...(decision === 'accept' ? { settings: { mode: 'default' } } : {}),
    })
    return { item: itemOf(session, item.id), turnId }
  } catch (error) {
    note(session, item.id, null)
    throw error
  }
}

/** The plan that waits: the newest one, in the newest turn, with no answer yet. */
function proposalOf(session: Session, itemId: string | undefined): Item {
  const { items, turns, summary } = session.record.state
  const plan = items.findLast(({ type, id }) => type === 'plan' && (itemId === undefined || id === itemId))
  if (!plan) {
    if (itemId !== undefined) throw new HubError('notFound', `No plan ${itemId} in this session.`, { itemId })
    throw new HubError('notPossible', 'No plan waits for a decision.', { reason: 'noPlan' })
  }
  const answered = plan.body.answered as { decision: string; by: Actor; at: number } | null | undefined
  if (answered) {
    throw new HubError('stale', 'This plan was decided on already.', { ...answered, itemId: plan.id })
  }
  const newest = turns.at(-1)
  if (newest && newest.id !== plan.turnId) {
    const facts = { reason: 'notNewest', itemId: plan.id, turnId: newest.id }
    throw new HubError('notPossible', 'The session has gone on since this plan was proposed.', facts)
  }
  if (plan.status === 'inProgress' || newest?.status === 'inProgress') {
    const facts = { reason: 'turnInProgress', phase: summary.phase }
    throw new HubError('notPossible', 'The plan is still being written.', facts)
  }
  return plan
}

function note(session: Session, itemId: string, answered: Record<string, unknown> | null): void {
  session.facts.apply([{ op: 'itemPatch', itemId, body: { answered } }])
}

function itemOf(session: Session, itemId: string): Item {
  const item = session.record.state.items.find(({ id }) => id === itemId)
  if (!item) throw new HubError('notFound', `No plan ${itemId} in this session.`, { itemId })
  return item
}
