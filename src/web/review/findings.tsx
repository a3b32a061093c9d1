/** What a review found, to be chosen from and given to a session as its next prompt. */
import { useEffect, useState } from 'react'
import type { Finding, Review } from '../../protocol/review.ts'
import type { Summary } from '../../protocol/summary.ts'
import { pathWithin } from '../format.ts'
import { says, useHub } from '../hub.ts'

interface Props {
  readonly summary: Summary
  /** The item that ended the newest review; another one is another review. */
  readonly itemId: string
  readonly onSelect: (id: string, itemId?: string) => void
}

export function Findings({ summary, itemId, onSelect }: Props) {
  const hub = useHub()
  const [review, setReview] = useState<Review | null>(null)
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  const [note, setNote] = useState('')
  const [said, setSaid] = useState<{ text: string; isProblem: boolean } | null>(null)
  const reviewSessionId = summary.id
  const origin = summary.reviewOf?.sessionId ?? null
  // biome-ignore lint/correctness/useExhaustiveDependencies: another item is another review
  useEffect(() => {
    hub.request('review/read', { sessionId: reviewSessionId }).then(
      (result) => {
        setReview(result.review)
        setLeft(new Set())
      },
      (error) => setSaid({ text: says(error), isProblem: true }),
    )
  }, [hub, reviewSessionId, itemId])
  if (review === null) return <p className={said ? 'problem' : 'quiet'}>{said?.text ?? 'Reading…'}</p>
  const chosen = review.findings.filter(({ id }) => !left.has(id))
  const send = async (sessionId: string) => {
    try {
      const { taken } = await hub.command('review/send', {
        sessionId,
        reviewSessionId,
        turnId: review.turnId,
        findings: chosen.map(({ id }) => id),
        ...(note.trim() !== '' && { note: note.trim() }),
      })
      setSaid({ text: taken === 'queued' ? 'They wait in the queue.' : 'They were sent.', isProblem: false })
      if (sessionId !== reviewSessionId) onSelect(sessionId)
    } catch (error) {
      setSaid({ text: says(error), isProblem: true })
    }
  }
  const toggle = (id: string) => {
    const next = new Set(left)
    if (!next.delete(id)) next.add(id)
    setLeft(next)
  }
  return (
    <section className="findings">
      {review.correctness !== null && <h2>{review.correctness}</h2>}
      <p>{review.explanation}</p>
      {review.findings.length === 0 && <p className="quiet">Nothing was found.</p>}
      <ul>
        {review.findings.map((finding) => (
          <li key={finding.id}>
            <label className="choice">
              <input type="checkbox" checked={!left.has(finding.id)} onChange={() => toggle(finding.id)} />
              <b>{finding.title}</b>
            </label>
            <p className="quiet">{placeOf(finding, summary.cwd)}</p>
            <p className="text">{finding.text}</p>
          </li>
        ))}
      </ul>
      {review.findings.length > 0 && (
        <>
          <label>
            What else there is to say
            <textarea rows={2} value={note} onChange={(event) => setNote(event.target.value)} />
          </label>
          <div className="controls">
            {origin !== null && (
              <button
                type="button"
                className="primary"
                disabled={chosen.length === 0}
                onClick={() => void send(origin)}
              >
                Send {chosen.length} to the session that asked
              </button>
            )}
            <button
              type="button"
              className={origin === null ? 'primary' : ''}
              disabled={chosen.length === 0}
              onClick={() => void send(reviewSessionId)}
            >
              Send {chosen.length} as the next prompt
            </button>
          </div>
        </>
      )}
      {said !== null && (
        <p role="status" className={said.isProblem ? 'problem' : 'quiet'}>
          {said.text}
        </p>
      )}
    </section>
  )
}

function placeOf({ priority, confidence, file, startLine, endLine }: Finding, cwd: string): string {
  const lines =
    startLine === null ? '' : `:${startLine}${endLine && endLine !== startLine ? `–${endLine}` : ''}`
  return [
    file === null ? null : `${pathWithin(cwd, file)}${lines}`,
    priority === null ? null : `priority ${priority}`,
    confidence === null ? null : `${Math.round(confidence * 100)} % sure`,
  ]
    .filter((fact) => fact !== null)
    .join(' · ')
}
