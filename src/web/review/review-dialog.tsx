/** Asks for a review: of what, and where its findings shall stand. */
import { type FormEvent, useState } from 'react'
import type { ReviewTarget } from '../../protocol/review.ts'
import type { Summary } from '../../protocol/summary.ts'
import { Dialog } from '../dialog.tsx'
import { DialogEnd } from '../dialog-end.tsx'
import { useHub } from '../hub.ts'
import { RadioList } from '../radio-list.tsx'
import { useAttempt } from '../use-attempt.ts'

interface Props {
  readonly summary: Summary
  readonly onClose: () => void
  readonly onSelect: (id: string) => void
}

const TARGETS = [
  ['uncommittedChanges', 'What is not committed', null],
  ['baseBranch', 'What the branch has that another has not', 'Branch'],
  ['commit', 'One commit', 'Commit'],
  ['custom', 'Something else', 'What to look at'],
] as const satisfies readonly (readonly [ReviewTarget['type'], string, string | null])[]

const PLACEHOLDERS: Partial<Record<ReviewTarget['type'], string>> = {
  baseBranch: 'main',
  commit: 'HEAD~1, or its hash',
}

export function ReviewDialog({ summary, onClose, onSelect }: Props) {
  const hub = useHub()
  const [type, setType] = useState<ReviewTarget['type']>('uncommittedChanges')
  const [words, setWords] = useState('')
  const [isDetached, setDetached] = useState(false)
  const { isBusy, problem, attempt } = useAttempt()
  const label = TARGETS.find(([name]) => name === type)?.[2] ?? null
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void attempt(async () => {
      const { session } = await hub.command('session/review', {
        sessionId: summary.id,
        target: targetOf(type, words.trim()),
        delivery: isDetached ? 'detached' : 'inline',
      })
      onClose()
      onSelect(session.id)
    })
  }
  return (
    <Dialog title="Review" onClose={onClose}>
      <form className="new" onSubmit={submit}>
        <RadioList
          legend="What is reviewed"
          name="target"
          value={type}
          options={TARGETS.map(([name, says]) => [name, says] as const)}
          onChange={setType}
        />
        {label !== null && (
          <label>
            {label}
            <textarea
              rows={type === 'custom' ? 3 : 1}
              value={words}
              placeholder={PLACEHOLDERS[type]}
              onChange={(event) => setWords(event.target.value)}
            />
          </label>
        )}
        <label className="choice">
          <input
            type="checkbox"
            checked={isDetached}
            onChange={(event) => setDetached(event.target.checked)}
          />
          In a session of its own, so that this one does not carry it
        </label>
        <DialogEnd
          problem={problem}
          onClose={onClose}
          label={isBusy ? 'Starting…' : 'Review'}
          canSubmit={!isBusy && (label === null || words.trim() !== '')}
        />
      </form>
    </Dialog>
  )
}

function targetOf(type: ReviewTarget['type'], words: string): ReviewTarget {
  switch (type) {
    case 'uncommittedChanges':
      return { type }
    case 'baseBranch':
      return { type, branch: words }
    case 'commit':
      return { type, sha: words }
    case 'custom':
      return { type, instructions: words }
  }
}
