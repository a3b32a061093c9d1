/** Changes the text of a prompt that waits; what was attached to it stays. */
import { type FormEvent, useEffect, useState } from 'react'
import type { InputPart } from '../../protocol/input.ts'
import type { QueueEntry } from '../../protocol/queue.ts'
import { says, useHub } from '../hub.ts'
import { Problem } from '../problem.tsx'

interface Props {
  readonly sessionId: string
  readonly entry: QueueEntry
  readonly onDone: () => void
}

export function EntryEditor({ sessionId, entry, onDone }: Props) {
  const hub = useHub()
  const [text, setText] = useState<string | null>(null)
  const [others, setOthers] = useState<readonly InputPart[]>([])
  const [problem, setProblem] = useState<string | null>(null)
  const entryId = entry.id
  useEffect(() => {
    // The list shows the beginning of it only.
    hub.request('queue/read', { sessionId, entryId }).then(
      ({ prompt: { input } }) => {
        setText(input.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n'))
        setOthers(input.filter(({ type }) => type !== 'text'))
      },
      (error) => setProblem(says(error)),
    )
  }, [hub, sessionId, entryId])
  const save = (event: FormEvent) => {
    event.preventDefault()
    if (text === null) return
    const input: InputPart[] = [...(text.trim() === '' ? [] : [{ type: 'text' as const, text }]), ...others]
    hub
      .command('queue/edit', { sessionId, entryId, edition: entry.edition, input })
      .then(onDone, (error) => setProblem(says(error)))
  }
  return (
    <form onSubmit={save}>
      <textarea
        aria-label="Waiting prompt"
        rows={3}
        disabled={text === null}
        value={text ?? 'Reading…'}
        onChange={(event) => setText(event.target.value)}
      />
      <Problem says={problem} />
      <div className="buttons">
        <button
          type="submit"
          className="primary"
          disabled={text === null || (text.trim() === '' && others.length === 0)}
        >
          Save
        </button>
        <button type="button" onClick={onDone}>
          Cancel
        </button>
      </div>
    </form>
  )
}
