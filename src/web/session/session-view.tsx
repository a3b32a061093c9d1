/** One session: its head, what happened, what waits for a person, and where to write. */
import { useEffect, useState } from 'react'
import { useHub, useReadable, useSession } from '../hub.ts'
import { stateOf, toneOf } from '../list/session-list.tsx'
import { ApprovalCard } from './approval-card.tsx'
import { Composer } from './composer.tsx'
import { Facts } from './facts.tsx'
import { Timeline } from './timeline.tsx'

interface Props {
  readonly sessionId: string
  readonly onBack: () => void
  readonly onSelect: (id: string) => void
}

export function SessionView({ sessionId, onBack, onSelect }: Props) {
  const hub = useHub()
  const session = useSession(sessionId)
  const snapshot = useReadable(session)
  const [hasFacts, setFacts] = useState(() => innerWidth > 1_200)
  const { state, status, error } = snapshot
  const unread = state?.summary.unread ?? 0
  const isLive = status === 'live'
  useEffect(() => {
    if (unread > 0 && isLive && document.visibilityState === 'visible')
      hub.command('session/markRead', { sessionId }).catch(() => {})
  }, [hub, sessionId, unread, isLive])

  if (status === 'gone' || (error && !state))
    return <div className="empty">{error?.message ?? 'The session is gone.'}</div>
  if (!state) return <div className="empty">Loading…</div>
  const { summary } = state
  const pending = state.approvals.filter((approval) => approval.state === 'pending')
  const last = state.approvals.findLast((approval) => approval.state !== 'pending')
  return (
    <div className="session">
      <div className="column">
        <header className="head">
          <button type="button" className="icon back" aria-label="Back to the list" onClick={onBack}>
            ←
          </button>
          <span className={`state ${toneOf(summary)}`} />
          <h2 title={summary.title}>{summary.title}</h2>
          <span className="word">{status === 'live' ? stateOf(summary) : `not live (${status})`}</span>
          <button
            type="button"
            className="icon"
            aria-pressed={hasFacts}
            aria-label="Details"
            title="Details"
            onClick={() => setFacts(!hasFacts)}
          >
            ⋯
          </button>
        </header>
        {summary.problem && (
          <p className="problem bar" role="alert">
            {summary.problem.message}
          </p>
        )}
        {summary.reading && (
          <p className="bar">
            Reading its history: {Math.round((summary.reading.read / summary.reading.total) * 100)} %
          </p>
        )}
        <Timeline sessionId={sessionId} snapshot={snapshot} loadOlder={session.loadOlder} />
        {pending.map((approval, index) => (
          <ApprovalCard key={approval.id} approval={approval} state={state} hasKeys={index === 0} />
        ))}
        {pending.length === 0 && last?.outcome?.by && summary.phase === 'working' && (
          <p className="quiet decided">
            {last.title}: {last.outcome.choice ?? 'answered'} by {last.outcome.by.name}
          </p>
        )}
        <Composer summary={summary} />
      </div>
      {hasFacts && <Facts state={state} onSelect={onSelect} />}
    </div>
  )
}
