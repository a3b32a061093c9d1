/** All that waits for a person, of every session, answerable where it stands; beneath it the log of what happened. */

import { useEffect, useState } from 'react'
import { ago } from '../../base/ago.ts'
import type { AttentionEntry, AttentionKind } from '../../protocol/attention.ts'
import type { Summary } from '../../protocol/summary.ts'
import { shortPath } from '../format.ts'
import { useReadable, useSession } from '../hub.ts'
import { Icon } from '../icons.tsx'
import { ApprovalCard } from '../session/approval-card.tsx'
import { useNow } from '../use-now.ts'
import { Log } from './log.tsx'
import { markSeen, seenUntil } from './seen.ts'
import './inbox.css'

interface Props {
  /** Sessions with approvals or questions, longest waiting first. */
  readonly waiting: readonly Summary[]
  /** The attention log, the oldest first. */
  readonly entries: readonly AttentionEntry[]
  readonly onSelect: (id: string) => void
  readonly onBack: () => void
}

/** Each waiting session is subscribed to; past this many the oldest come first and the others follow as these go. */
const SHOWN = 20
const AGES_MS = 10_000

export function Inbox({ waiting, entries, onSelect, onBack }: Props) {
  useNow(AGES_MS)
  // What was new when it was opened stays marked as long as it is looked at.
  const [before] = useState(() => seenUntil.getSnapshot())
  const newest = entries.at(-1)?.raisedAt ?? 0
  useEffect(() => {
    if (document.visibilityState === 'visible') markSeen(newest)
  }, [newest])
  const cards = new Set(waiting.slice(0, SHOWN).map(({ id }) => id))
  const isCard = (kind: AttentionKind, sessionId: string, clearedAt: number | null): boolean =>
    clearedAt === null && (kind === 'approval' || kind === 'question') && cards.has(sessionId)
  return (
    <section className="inbox" aria-label="Inbox">
      <header className="head">
        <button type="button" className="icon back" aria-label="Back to the list" onClick={onBack}>
          <Icon name="back" />
        </button>
        <h1>{waiting.length === 0 ? 'Nothing waits for you' : `${waiting.length} waiting for you`}</h1>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <div className="cards" tabIndex={0}>
        {waiting.slice(0, SHOWN).map((summary, index) => (
          <Waiting key={summary.id} summary={summary} hasKeys={index === 0} onSelect={onSelect} />
        ))}
        <Log
          entries={entries.filter(({ kind, sessionId, clearedAt }) => !isCard(kind, sessionId, clearedAt))}
          seenUntil={before}
          onSelect={onSelect}
        />
      </div>
    </section>
  )
}

interface WaitingProps {
  readonly summary: Summary
  readonly hasKeys: boolean
  readonly onSelect: (id: string) => void
}

function Waiting({ summary, hasKeys, onSelect }: WaitingProps) {
  const { state } = useReadable(useSession(summary.id))
  if (!state) return null
  const pending = state.approvals.filter((approval) => approval.state === 'pending')
  return (
    <article>
      <button type="button" className="from" onClick={() => onSelect(summary.id)}>
        <b>{summary.title}</b>
        <span>
          {shortPath(summary.cwd)} · {ago(summary.attention?.since ?? summary.updatedAt)}
        </span>
      </button>
      {pending.map((approval, index) => (
        <ApprovalCard key={approval.id} approval={approval} state={state} hasKeys={hasKeys && index === 0} />
      ))}
    </article>
  )
}
