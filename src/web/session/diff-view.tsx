/** A unified diff, file by file. */
import { useMemo } from 'react'

interface File {
  readonly name: string
  readonly lines: readonly string[]
  readonly added: number
  readonly removed: number
}

const SHOWN_LINES = 2_000

export function DiffView({ unified, name }: { unified: string; name?: string }) {
  const files = useMemo(() => split(unified, name), [unified, name])
  return (
    <div className="diff">
      {files.map((file) => (
        <details key={file.name} open={files.length < 8}>
          <summary>
            <code>{file.name}</code> <span className="added">+{file.added}</span>{' '}
            <span className="removed">−{file.removed}</span>
          </summary>
          <pre>
            {file.lines.slice(0, SHOWN_LINES).map((line, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have nothing but their place
              <span key={index} className={toneOf(line)}>
                {line || ' '}
                {'\n'}
              </span>
            ))}
            {file.lines.length > SHOWN_LINES && `… ${file.lines.length - SHOWN_LINES} more lines`}
          </pre>
        </details>
      ))}
    </div>
  )
}

function toneOf(line: string): string {
  if (line.startsWith('@@')) return 'hunk'
  if (line.startsWith('+')) return 'added'
  return line.startsWith('-') ? 'removed' : ''
}

function split(unified: string, name = 'changes'): File[] {
  const files: { name: string; lines: string[] }[] = []
  for (const line of unified.replace(/\n$/, '').split('\n')) {
    if (line.startsWith('diff --git '))
      files.push({ name: line.slice(line.lastIndexOf(' b/') + 3), lines: [] })
    else if (files.length === 0) files.push({ name, lines: [line] })
    else if (!/^(index |--- |\+\+\+ |new file|deleted file|similarity)/.test(line))
      files.at(-1)?.lines.push(line)
  }
  return files.map((file) => ({
    ...file,
    added: file.lines.filter((line) => line.startsWith('+')).length,
    removed: file.lines.filter((line) => line.startsWith('-')).length,
  }))
}
