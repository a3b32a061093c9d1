/** One session: its head, what happened, what waits for a person, and where to write. */
import { useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { Composer } from '../composer/composer.tsx'
import { useHub, useOutbox, useReadable, useSession } from '../hub.ts'
import { Icon } from '../icons.tsx'
import { useKept } from '../kept.ts'
import { stateOf, toneOf } from '../list/row.tsx'
import { FindBar } from '../search/find-bar.tsx'
import { useKeys } from '../use-keys.ts'
import { useNow } from '../use-now.ts'
import { ApprovalCard } from './approval-card.tsx'
import { Decided } from './decided.tsx'
import { Panel } from './panel/panel.tsx'
import { PlanCard, waitingPlan } from './plan-card.tsx'
import { type Target, Timeline } from './timeline.tsx'

const AGES_MS = 10_000

interface Props {
  readonly sessionId: string
  readonly target: Target | null
  /** How many other sessions wait for a person. */
  readonly elsewhere: number
  readonly onNext: () => void
  readonly onBack: () => void
  readonly onSelect: (id: string, itemId?: string) => void
}

export function SessionView({ sessionId, target, elsewhere, onNext, onBack, onSelect }: Props) {
  const hub = useHub()
  const session = useSession(sessionId)
  const snapshot = useReadable(session)
  const [isWanted, setWanted] = useKept('panel-open', true)
  // Where it would lie over the conversation it is opened by hand, each time.
  const [isCovering, setCovering] = useState(false)
  const isNarrow = useIsNarrow()
  const hasPanel = isNarrow ? isCovering : isWanted
  const setPanel = isNarrow ? setCovering : setWanted
  const [isFinding, setFinding] = useState(false)
  useKeys({
    d: () => setPanel(!hasPanel),
    f: () => setFinding(true),
    ...(isNarrow && hasPanel && { Escape: () => setPanel(false) }),
  })
  const all = useReadable(useOutbox().all)
  const sendings = useMemo(() => all.filter((each) => each.sessionId === sessionId), [all, sessionId])
  const { state, status, error } = snapshot
  const now = useNow(AGES_MS)
  const connection = useReadable(hub.connection).status
  const isAway = connection === 'offline' || connection === 'refused'
  const unread = state?.summary.unread ?? 0
  const isLive = status === 'live'
  useEffect(() => {
    if (unread > 0 && isLive && document.visibilityState === 'visible')
      hub.command('session/markRead', { sessionId }).catch(() => {})
  }, [hub, sessionId, unread, isLive])

  if (status === 'gone' || (error && !state))
    return (
      <div className="empty">
        <p>{error?.message ?? 'The session is gone.'}</p>
        <button type="button" onClick={onBack}>
          Back to the list
        </button>
      </div>
    )
  if (!state)
    return (
      <div className="empty">
        {isAway ? 'This session is shown when the hub is here. What you wrote is kept.' : 'Loading…'}
      </div>
    )
  const { summary } = state
  const pending = state.approvals.filter((approval) => approval.state === 'pending')
  const plan = waitingPlan(state)
  return (
    <div className="session">
      <div className="column">
        <header className="head">
          <button type="button" className="icon back" aria-label="Back to the list" onClick={onBack}>
            <Icon name="back" />
          </button>
          <span className={`state ${toneOf(summary)}`} />
          <div className="title-block">
            <h1 title={summary.title} dir="auto">
              {summary.title}
            </h1>
            <span className="word">
              {status === 'live'
                ? stateOf(summary, now)
                : isAway
                  ? 'not live: the hub is away'
                  : 'not live: catching up'}
            </span>
          </div>
          {elsewhere > 0 && (
            <button
              type="button"
              className="waiting"
              title="Next session that waits for you (g)"
              aria-label={`${elsewhere} more waiting: show the next`}
              onClick={onNext}
            >
              {elsewhere} ›
            </button>
          )}
          <button
            type="button"
            className="icon"
            aria-label="Find in this conversation"
            title="Find in this conversation (f)"
            onClick={() => setFinding(!isFinding)}
          >
            <Icon name="search" />
          </button>
          <button
            type="button"
            className="icon"
            aria-pressed={hasPanel}
            aria-label="Details"
            title="Details (d)"
            onClick={() => setPanel(!hasPanel)}
          >
            <Icon name="panel" />
          </button>
        </header>
        {isFinding && <FindBar sessionId={sessionId} onSelect={onSelect} onClose={() => setFinding(false)} />}
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
        <Timeline
          sessionId={sessionId}
          snapshot={snapshot}
          loadOlder={session.loadOlder}
          target={target}
          sendings={sendings}
        />
        {pending.map((approval, index) => (
          <ApprovalCard key={approval.id} approval={approval} state={state} hasKeys={index === 0} />
        ))}
        {plan && pending.length === 0 && <PlanCard key={plan.id} sessionId={sessionId} itemId={plan.id} />}
        {pending.length === 0 && <Decided state={state} self={hub.clientId} />}
        <Composer summary={summary} queue={state.queue} />
      </div>
      {hasPanel && (
        <Panel
          snapshot={snapshot}
          state={state}
          isCovering={isNarrow}
          onClose={() => setPanel(false)}
          onSelect={(id, itemId) => {
            // What was asked for lies beneath it.
            setCovering(false)
            onSelect(id, itemId)
          }}
        />
      )}
    </div>
  )
}

function useIsNarrow(): boolean {
  const query = useMemo(() => matchMedia('(max-width: 1150px)'), [])
  return useSyncExternalStore(
    (listener) => {
      query.addEventListener('change', listener)
      return () => query.removeEventListener('change', listener)
    },
    () => query.matches,
  )
}
