/** A session that another hub exported, brought into this one: chosen or dropped, and then read here. */
import { type DragEvent, type FormEvent, useState } from 'react'
import { Dialog } from '../dialog.tsx'
import { DialogEnd } from '../dialog-end.tsx'
import { count } from '../format.ts'
import { says, useHub } from '../hub.ts'
import './threads.css'

interface Props {
  /** What was dropped on the page. */
  readonly dropped: File | null
  readonly onClose: () => void
  readonly onSelect: (id: string) => void
}

export function ImportDialog({ dropped, onClose, onSelect }: Props) {
  const hub = useHub()
  const [file, setFile] = useState(dropped)
  const [sent, setSent] = useState<number | null>(null)
  const [isOver, setOver] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const choose = (chosen: File | undefined): void => {
    if (!chosen) return
    setFile(chosen)
    setProblem(null)
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!file) return
    setProblem(null)
    setSent(0)
    try {
      const { session } = await hub.importSession(piecesOf(file, setSent))
      onClose()
      onSelect(session.id)
    } catch (error) {
      setProblem(says(error))
      setSent(null)
    }
  }
  const onDrop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    choose(event.dataTransfer.files[0])
  }
  return (
    <Dialog title="Import a session" onClose={onClose}>
      <form className="new" onSubmit={submit}>
        <label
          className={isOver ? 'drop over' : 'drop'}
          onDragOver={(event) => {
            event.preventDefault()
            setOver(true)
          }}
          onDragLeave={() => setOver(false)}
          onDrop={onDrop}
        >
          <b>{file ? file.name : 'Choose a file, or drop it here'}</b>
          <span>
            {file
              ? `${count(file.size)}B`
              : 'A session that was exported as JSON. It can be read and searched here, not gone on with.'}
          </span>
          <input
            type="file"
            accept=".json,application/json"
            onChange={(event) => choose(event.target.files?.[0])}
          />
        </label>
        <DialogEnd
          problem={problem}
          onClose={onClose}
          label={sent === null || !file ? 'Import' : `Sending… ${Math.floor((sent / file.size) * 100)} %`}
          canSubmit={file !== null && sent === null}
        />
      </form>
    </Dialog>
  )
}

/** The file's text, piece by piece: it is never there as a whole. */
async function* piecesOf(file: File, onBytes: (bytes: number) => void): AsyncGenerator<string> {
  const reader = file.stream().getReader()
  const decoder = new TextDecoder()
  let bytes = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    bytes += value.length
    onBytes(bytes)
    yield decoder.decode(value, { stream: true })
  }
  yield decoder.decode()
}
