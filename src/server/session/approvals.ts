/**
 * The open approvals of one session and who is answering them. An approval is answered once: `claim` is synchronous,
 * so of two answers the second always sees the first (L14).
 */
import type { Actor, Approval } from '../../protocol/approval.ts'
import type { Delta } from '../../protocol/delta.ts'
import { HubError } from '../../protocol/errors.ts'
import type { SessionState } from '../../protocol/session-state.ts'

const ELSEWHERE: Actor = { clientId: null, name: 'another surface' }

interface Claim {
  readonly choice: string
  readonly by: Actor
  readonly at: number
}

export class Approvals {
  readonly #claims = new Map<string, Claim>()

  /**
   * Take the right to answer. @throws HubError `notFound`, `stale` (with who was first) or `invalidParams`.
   */
  claim(state: SessionState, approvalId: string, choice: string, by: Actor, at: number): Approval {
    const approval = state.approvals.find((known) => known.id === approvalId)
    if (!approval)
      throw new HubError('notFound', `No approval ${approvalId} in this session.`, { approvalId })
    const claim = this.#claims.get(approvalId)
    if (claim) throw stale(approval, claim.choice, claim.by, claim.at)
    if (approval.state !== 'pending') {
      throw stale(
        approval,
        approval.outcome?.choice ?? null,
        approval.outcome?.by ?? null,
        approval.outcome?.at ?? at,
      )
    }
    if (!approval.choices.some((known) => known.id === choice)) {
      const known = approval.choices.map((entry) => entry.id)
      throw new HubError(
        'invalidParams',
        `"${choice}" is not a choice; the choices are ${known.join(', ')}.`,
        {
          choices: known,
        },
      )
    }
    this.#claims.set(approvalId, { choice, by, at })
    return approval
  }

  /** The answer did not reach Codex: the approval is open again. */
  release(approvalId: string): void {
    this.#claims.delete(approvalId)
  }

  /** The answer was given to Codex. */
  settle(state: SessionState, approvalId: string): Delta[] {
    const claim = this.#claims.get(approvalId)
    this.#claims.delete(approvalId)
    const approval = pendingById(state, approvalId)
    if (!claim || !approval) return []
    return [ended(approval, 'decided', claim.choice, claim.by, claim.at, null)]
  }

  /** Codex says that the request ended. Ours are settled by `settle`; what is left was answered elsewhere. */
  resolved(state: SessionState, approvalId: string, at: number): Delta[] {
    const approval = pendingById(state, approvalId)
    if (!approval || this.#claims.has(approvalId)) return []
    return [ended(approval, 'decided', null, ELSEWHERE, at, null)]
  }

  /** Nobody can answer these any more. `keep` decides which stay open. */
  withdraw(
    state: SessionState,
    why: string,
    at: number,
    keep: (approval: Approval) => boolean = () => false,
  ): Delta[] {
    const deltas: Delta[] = []
    for (const approval of state.approvals) {
      if (approval.state !== 'pending' || keep(approval)) continue
      this.#claims.delete(approval.id)
      deltas.push(ended(approval, 'withdrawn', null, null, at, why))
    }
    return deltas
  }
}

function pendingById(state: SessionState, approvalId: string): Approval | undefined {
  return state.approvals.find((known) => known.id === approvalId && known.state === 'pending')
}

function ended(
  approval: Approval,
  state: 'decided' | 'withdrawn',
  choice: string | null,
  by: Actor | null,
  at: number,
  why: string | null,
): Delta {
  const outcome = { choice, by, at, waitedMs: Math.max(0, at - approval.requestedAt), why }
  return { op: 'approval', approval: { ...approval, state, outcome } }
}

function stale(approval: Approval, decision: string | null, by: Actor | null, at: number): HubError {
  const who = by ? `${by.name} was first` : 'it is no longer open'
  return new HubError(
    'stale',
    `The approval is already ${approval.state === 'pending' ? 'being answered' : approval.state}: ${who}.`,
    {
      decision,
      by,
      at,
    },
  )
}
