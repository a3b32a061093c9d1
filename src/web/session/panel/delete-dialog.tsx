/** Asks how far a session shall be removed, and says what that costs. */
import { type FormEvent, useState } from 'react'
import type { Summary } from '../../../protocol/summary.ts'
import { Dialog } from '../../dialog.tsx'
import { DialogEnd } from '../../dialog-end.tsx'
import { useHub } from '../../hub.ts'
import { RadioList } from '../../radio-list.tsx'
import { useAttempt } from '../../use-attempt.ts'

interface Props {
  readonly summary: Summary
  readonly onClose: () => void
  readonly onDeleted: () => void
}

const PLACES = [
  ['hub', 'From the hub only; Codex keeps it, and it can be had back'],
  ['codex', 'In Codex too; its history is gone for good'],
] as const

export function DeleteDialog({ summary, onClose, onDeleted }: Props) {
  const hub = useHub()
  const [isWhole, setWhole] = useState(false)
  const { isBusy, problem, attempt } = useAttempt()
  const isRunning = summary.phase === 'working' || summary.phase === 'awaitingApproval'
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void attempt(async () => {
      await hub.command('session/delete', { sessionId: summary.id, codex: isWhole, force: isRunning })
      onDeleted()
    })
  }
  return (
    <Dialog title="Delete" onClose={onClose}>
      <form className="new" onSubmit={submit}>
        <p>
          <b>{summary.title}</b>
        </p>
        <RadioList
          legend="Where"
          name="where"
          value={isWhole ? 'codex' : 'hub'}
          options={PLACES}
          onChange={(place) => setWhole(place === 'codex')}
        />
        {isRunning && <p className="problem">A turn runs: it is interrupted.</p>}
        <DialogEnd problem={problem} onClose={onClose} label="Delete" canSubmit={!isBusy} tone="deny" />
      </form>
    </Dialog>
  )
}
