/** What asked for a person, the newest first: what is over stays readable, and says since when it is over. */

import { useState } from 'react'
import { ago } from '../../base/ago.ts'
import type { AttentionEntry } from '../../protocol/attention.ts'
import { shortPath } from '../format.ts'
import { says, useHub } from '../hub.ts'
import { Problem } from '../problem.tsx'
import { TONES, wordsOf } from './kinds.ts'

interface Props {
  /** The oldest first, as the log has them. */
  readonly entries: readonly AttentionEntry[]
  /** What came after it had not been looked at. */
  readonly seenUntil: number
  readonly onSelect: (id: string) => void
}

/** Rows drawn at once; more on request. */
const SHOWN = 40

export function Log({ entries, seenUntil, onSelect }: Props) {
  const hub = useHub()
  const [shown, setShown] = useState(SHOWN)
  const [problem, setProblem] = useState<string | null>(null)
  const newest = entries.toReversed()
  // What was only to be known is over when its session was read.
  const toRead = new Set(
    entries.flatMap(({ kind, clearedAt, sessionId }) =>
      clearedAt === null && (kind === 'finished' || kind === 'failed') ? [sessionId] : [],
    ),
  )
  const readAll = () => {
    setProblem(null)
    for (const sessionId of toRead)
      hub.command('session/markRead', { sessionId }).catch((error: unknown) => setProblem(says(error)))
  }
  return (
    <section className="log" aria-label="What happened">
      <header>
        <h2>What happened</h2>
        {toRead.size > 0 && (
          <button type="button" onClick={readAll}>
            Mark all as read
          </button>
        )}
      </header>
      <Problem says={problem} />
      {newest.length === 0 && (
        <p className="quiet">
          Sessions that wait for you, end, fail or fall silent are written down here, wherever they were
          started.
        </p>
      )}
      <ol>
        {newest.slice(0, shown).map((entry) => (
          <Entry key={entry.key} entry={entry} isNew={entry.raisedAt > seenUntil} onSelect={onSelect} />
        ))}
      </ol>
      {newest.length > shown && (
        <button type="button" onClick={() => setShown(shown + SHOWN)}>
          {newest.length - shown} older
        </button>
      )}
    </section>
  )
}

interface EntryProps {
  readonly entry: AttentionEntry
  readonly isNew: boolean
  readonly onSelect: (id: string) => void
}

function Entry({ entry, isNew, onSelect }: EntryProps) {
  const { kind, sessionId, title, cwd, text, raisedAt, clearedAt, outcome } = entry
  const isOver = clearedAt !== null
  return (
    <li>
      <button
        type="button"
        className={isOver ? 'entry over' : 'entry'}
        data-entry={kind}
        onClick={() => onSelect(sessionId)}
      >
        <span className={`state ${isOver ? '' : TONES[kind]}`} aria-hidden="true" />
        <span className="what">
          <span>
            <b>{title}</b> {wordsOf(entry)}
          </span>
          {isNew && !isOver && <span className="badge strong">new</span>}
        </span>
        <time dateTime={new Date(raisedAt).toISOString()} title={new Date(raisedAt).toLocaleString()}>
          {ago(raisedAt)}
        </time>
        <span className="text" title={text}>
          {text}
          {outcome !== undefined && ` — ${outcome}`}
        </span>
        <span className="where">
          {isOver && `over for ${ago(clearedAt)} · `}
          {shortPath(cwd)}
        </span>
      </button>
    </li>
  )
}
