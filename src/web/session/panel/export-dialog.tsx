/** A session as a file of this computer. */
import { type FormEvent, useState } from 'react'
import type { ParamsOf } from '../../../protocol/methods.ts'
import type { Summary } from '../../../protocol/summary.ts'
import { Dialog } from '../../dialog.tsx'
import { DialogEnd } from '../../dialog-end.tsx'
import { says, useHub } from '../../hub.ts'
import { RadioList } from '../../radio-list.tsx'

type Format = NonNullable<ParamsOf<'session/export'>['format']>

const FORMATS = [
  ['markdown', 'Markdown, to read and to quote'],
  ['html', 'One HTML page, to show'],
  ['json', 'JSON, to bring to another hub'],
] as const satisfies readonly (readonly [Format, string])[]

export function ExportDialog({ summary, onClose }: { summary: Summary; onClose: () => void }) {
  const hub = useHub()
  const [format, setFormat] = useState<Format>('markdown')
  const [read, setRead] = useState<number | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setProblem(null)
    const pieces: string[] = []
    let pageToken: string | null = null
    try {
      do {
        setRead(pieces.length)
        const page: Awaited<ReturnType<typeof hub.request<'session/export'>>> = await hub.request(
          'session/export',
          { sessionId: summary.id, format, ...(pageToken !== null && { pageToken }) },
        )
        pieces.push(page.text)
        pageToken = page.nextPageToken
        if (pageToken === null) save(new Blob(pieces, { type: page.mediaType }), page.fileName)
      } while (pageToken !== null)
      onClose()
    } catch (error) {
      setProblem(says(error))
      setRead(null)
    }
  }
  return (
    <Dialog title="Export" onClose={onClose}>
      <form className="new" onSubmit={submit}>
        <RadioList legend="As" name="format" value={format} options={FORMATS} onChange={setFormat} />
        <DialogEnd
          problem={problem}
          onClose={onClose}
          label={read === null ? 'Save' : `Reading… (${read})`}
          canSubmit={read === null}
        />
      </form>
    </Dialog>
  )
}

function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The browser has begun by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
