/** How the newest question of a turn ended, whoever ended it: what disappears says where it went. */
import { lastEnded, outcomeWords } from '../../protocol/approval-outcome.ts'
import type { SessionState } from '../../protocol/session-state.ts'

interface Props {
  readonly state: SessionState
  /** Id of this client. */
  readonly self: string
}

export function Decided({ state: { approvals, turns }, self }: Props) {
  const newest = turns.at(-1)
  const last = lastEnded(approvals.filter(({ turnId }) => turnId === newest?.id))
  if (!last) return null
  // What one did oneself need not be told once the turn is over.
  if (newest?.status !== 'inProgress' && last.outcome?.by?.clientId === self) return null
  const wasStopped = newest?.status === 'interrupted' && last.outcome?.by === null
  return (
    <p className="quiet decided" role="status">
      <b>{last.title}</b>:{' '}
      {wasStopped ? 'nobody has to answer any more: the turn was stopped' : outcomeWords(last, self)}
    </p>
  )
}
