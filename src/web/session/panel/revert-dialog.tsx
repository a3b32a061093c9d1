/** Takes turns back: from which one on is chosen, and what goes with it and what stays is said before. */
import { type FormEvent, useState } from 'react'
import type { Item } from '../../../protocol/item.ts'
import type { Summary } from '../../../protocol/summary.ts'
import { Dialog } from '../../dialog.tsx'
import { DialogEnd } from '../../dialog-end.tsx'
import { promptText } from '../../format.ts'
import { useHub } from '../../hub.ts'
import { useAttempt } from '../../use-attempt.ts'

interface Props {
  readonly summary: Summary
  readonly items: readonly Item[]
  readonly onClose: () => void
  /** What became of the files, in words. */
  readonly onDone: (said: string) => void
}

export function RevertDialog({ summary, items, onClose, onDone }: Props) {
  const hub = useHub()
  const turns = turnsOf(items)
  const [from, setFrom] = useState(turns[0]?.turnId ?? '')
  const [restoreFiles, setRestoreFiles] = useState(false)
  const { isBusy, problem, attempt } = useAttempt()
  const count = turns.findIndex(({ turnId }) => turnId === from) + 1
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void attempt(async () => {
      const { files, turnIds } = await hub.command('session/revert', {
        sessionId: summary.id,
        turnId: from,
        restoreFiles,
      })
      onDone(
        `${turnIds.length} ${turnIds.length === 1 ? 'turn was' : 'turns were'} taken back. ${files.message}`,
      )
    })
  }
  return (
    <Dialog title="Take turns back" onClose={onClose}>
      <form className="new" onSubmit={submit}>
        <label>
          From this prompt on
          <select value={from} onChange={(event) => setFrom(event.target.value)}>
            {turns.map(({ turnId, text }, index) => (
              <option key={turnId} value={turnId}>
                {index + 1}. from the end: {text.slice(0, 80)}
              </option>
            ))}
          </select>
        </label>
        <label className="choice">
          <input
            type="checkbox"
            checked={restoreFiles}
            onChange={(event) => setRestoreFiles(event.target.checked)}
          />
          Give files that these turns changed the content they had before
        </label>
        <p className="problem">
          {count === 1 ? 'This turn is' : `These ${count} turns are`} gone for good, here and in Codex.{' '}
          {restoreFiles
            ? 'Later changes of those files by anybody are undone, too; git keeps a copy of them.'
            : 'Files stay as they are now.'}
        </p>
        <DialogEnd
          problem={problem}
          onClose={onClose}
          label={isBusy ? 'Taking back…' : 'Take back'}
          canSubmit={!isBusy && from !== ''}
          tone="deny"
        />
      </form>
    </Dialog>
  )
}

/** Turns that began with a prompt, newest first, with its first line. */
function turnsOf(items: readonly Item[]): { turnId: string; text: string }[] {
  const prompts = new Map<string, string>()
  for (const { type, turnId, body } of items)
    if (type === 'userMessage' && !prompts.has(turnId)) prompts.set(turnId, promptText(body.content))
  return [...prompts].map(([turnId, text]) => ({ turnId, text: text.split('\n')[0] ?? '' })).toReversed()
}
