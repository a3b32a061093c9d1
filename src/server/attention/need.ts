/** What a session needs a person for, in one line. Pure. */
import { lastEnded, outcomeWords } from '../../protocol/approval-outcome.ts'
import type { AttentionKind } from '../../protocol/attention.ts'
import type { SessionState } from '../../protocol/session-state.ts'
import type { Summary } from '../../protocol/summary.ts'
import type { Turn } from '../../protocol/turn.ts'

export interface Need {
  readonly kind: AttentionKind
  /** Since when; what begins at another time is another need. */
  readonly since: number
  readonly count: number
  readonly text: string
  readonly isInterrupted?: true
}

const TEXT_UNITS = 300

/** @param state where it is known, for the words. @param stalledAfterMs 0: a running turn is never called stalled */
export function needOf(
  summary: Summary,
  state: SessionState | null,
  now: number,
  stalledAfterMs: number,
): Need | null {
  const { attention, phase, evidenceAt } = summary
  if (attention === null) {
    const isSilent = stalledAfterMs > 0 && evidenceAt !== null && now - evidenceAt >= stalledAfterMs
    if (phase !== 'working' || !isSilent) return null
    const text = `A turn runs, and nothing was heard of it for ${minutes(now - evidenceAt)}.`
    return { kind: 'stalled', since: evidenceAt, count: 1, text }
  }
  const { reason, since, count } = attention
  if (reason === 'approval' || reason === 'question') {
    const waits = state?.approvals.find((approval) => approval.state === 'pending')
    const others = count > 1 ? ` (and ${count - 1} more)` : ''
    const text = line(waits?.title ?? 'Codex waits for an answer.') + others
    return { kind: reason, since, count, text }
  }
  const last = state?.turns.at(-1)
  if (reason === 'finished' && state && last?.status === 'interrupted') {
    return { kind: 'finished', since, count, text: line(whyInterrupted(state, last)), isInterrupted: true }
  }
  if (reason === 'finished') {
    return { kind: 'finished', since, count, text: line(summary.lastMessage ?? 'The turn is over.') }
  }
  const failure = failureOf(summary, state)
  return { kind: kindOf(failure.code), since, count, text: line(failure.message) }
}

/** A turn that was declined ends as one that was stopped. */
function whyInterrupted({ approvals }: SessionState, { id, error }: Turn): string {
  const last = lastEnded(approvals.filter(({ turnId }) => turnId === id))
  const chosen = last?.choices.find((choice) => choice.id === last.outcome?.choice)
  if (last?.outcome?.by && (chosen?.effect === 'cancel' || last.outcome.choice === null))
    return `${last.title}: ${outcomeWords(last)}`
  return error?.message ?? 'The turn was interrupted.'
}

function failureOf(
  { problem }: Summary,
  state: SessionState | null,
): { code: string | null; message: string } {
  if (problem) return problem
  const error = state?.turns.at(-1)?.error
  return { code: error?.code ?? null, message: error?.message ?? 'The turn failed.' }
}

function kindOf(code: string | null): AttentionKind {
  if (code === 'unauthorized') return 'login'
  return code === 'usageLimitExceeded' ? 'rateLimited' : 'failed'
}

function line(text: string): string {
  const flat = text.replaceAll(/\s+/g, ' ').trim()
  return flat.length > TEXT_UNITS ? `${flat.slice(0, TEXT_UNITS - 1)}…` : flat
}

function minutes(ms: number): string {
  const count = Math.round(ms / 60_000)
  return count === 1 ? 'a minute' : `${count} minutes`
}
