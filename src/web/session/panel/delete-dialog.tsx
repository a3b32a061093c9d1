/** Asks how far a session shall be removed, and says what that costs. */
import { type FormEvent, useState } from 'react'
import type { Summary } from '../../../protocol/summary.ts'
import { Dialog } from '../../dialog.tsx'
import { says, useHub } from '../../hub.ts'

interface Props {
  readonly summary: Summary
  readonly onClose: () => void
  readonly onDeleted: () => void
}

export function DeleteDialog({ summary, onClose, onDeleted }: Props) {
  const hub = useHub()
  const [isWhole, setWhole] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const isBusy = summary.phase === 'working' || summary.phase === 'awaitingApproval'
  const submit = (event: FormEvent) => {
    event.preventDefault()
    hub
      .command('session/delete', { sessionId: summary.id, codex: isWhole, force: isBusy })
      .then(onDeleted, (error) => setProblem(says(error)))
  }
  return (
    <Dialog title="Delete" onClose={onClose}>
      <form className="new" onSubmit={submit}>
        <p>
          <b>{summary.title}</b>
        </p>
        <fieldset className="stacked">
          <legend>Where</legend>
          <label className="choice">
            <input type="radio" name="where" checked={!isWhole} onChange={() => setWhole(false)} />
            From the hub only; Codex keeps it, and it can be had back
          </label>
          <label className="choice">
            <input type="radio" name="where" checked={isWhole} onChange={() => setWhole(true)} />
            In Codex too; its history is gone for good
          </label>
        </fieldset>
        {isBusy && <p className="problem">A turn runs: it is interrupted.</p>}
        {problem !== null && (
          <p className="problem" role="alert">
            {problem}
          </p>
        )}
        <footer>
          <button type="button" data-first-focus onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="deny">
            Delete
          </button>
        </footer>
      </form>
    </Dialog>
  )
}
