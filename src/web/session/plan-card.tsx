/** A plan that Codex proposed and that waits: carried out, or sent back with what shall be different. */
import { type FormEvent, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import type { Item } from '../../protocol/item.ts'
import type { SessionState } from '../../protocol/session-state.ts'
import { useHub } from '../hub.ts'
import { Problem } from '../problem.tsx'
import { useAttempt } from '../use-attempt.ts'
import { useKeys } from '../use-keys.ts'
import { useReadyKeys } from './use-ready-keys.ts'

/** The plan that can be decided on now; null where none waits. */
export function waitingPlan({ items, turns, summary }: SessionState): Item | null {
  if (!summary.capabilities.includes('plan/decide')) return null
  const plan = items.findLast(({ type }) => type === 'plan')
  const newest = turns.at(-1)
  if (!plan || plan.status === 'inProgress' || plan.body.answered || newest?.id !== plan.turnId) return null
  return newest.status === 'inProgress' ? null : plan
}

export function PlanCard({ sessionId, itemId }: { sessionId: string; itemId: string }) {
  const hub = useHub()
  const [isRefusing, setRefusing] = useState(false)
  const [words, setWords] = useState('')
  const opener = useRef<HTMLButtonElement>(null)
  const { isBusy, problem, attempt } = useAttempt()
  const areKeysReady = useReadyKeys(!isRefusing)
  const decide = (decision: 'accept' | 'refuse') => {
    const text = words.trim()
    const input = decision === 'refuse' && text !== '' ? [{ type: 'text' as const, text }] : undefined
    return attempt(() => hub.command('plan/decide', { sessionId, itemId, decision, ...(input && { input }) }))
  }
  const canKey = areKeysReady && !isBusy && !isRefusing
  useKeys(
    canKey
      ? {
          '1': ({ repeat }) => {
            if (!repeat) void decide('accept')
          },
          '2': () => setRefusing(true),
        }
      : {},
  )
  const back = () => {
    flushSync(() => setRefusing(false))
    opener.current?.focus()
  }
  const refuse = (event: FormEvent) => {
    event.preventDefault()
    void decide('refuse')
  }
  return (
    <section className="approval plan-card" aria-label="A plan waits for you">
      <header>
        <b>Carry out this plan?</b>
        <span className="quiet">Codex leaves Plan mode and begins with it.</span>
      </header>
      <Problem says={problem} />
      {isRefusing ? (
        <form onSubmit={refuse}>
          <label>
            What shall be different
            <textarea
              // biome-ignore lint/a11y/noAutofocus: it appears where the person has just said so
              autoFocus
              rows={3}
              value={words}
              placeholder="Left empty, Codex waits for your next prompt"
              onChange={(event) => setWords(event.target.value)}
            />
          </label>
          <footer>
            <button type="submit" className="primary" disabled={isBusy}>
              {words.trim() === '' ? 'Refuse' : 'Plan again'}
            </button>
            <button type="button" disabled={isBusy} onClick={back}>
              Back
            </button>
          </footer>
        </form>
      ) : (
        <footer>
          <button type="button" className="primary" disabled={isBusy} onClick={() => void decide('accept')}>
            {canKey && <kbd>1</kbd>} Carry it out
          </button>
          <button ref={opener} type="button" disabled={isBusy} onClick={() => setRefusing(true)}>
            {canKey && <kbd>2</kbd>} Change it…
          </button>
        </footer>
      )}
    </section>
  )
}
