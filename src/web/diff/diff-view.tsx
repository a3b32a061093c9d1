/** A diff, file by file, under each other or side by side. */
import { memo, useMemo } from 'react'
import { type DiffLine, type FileDiff, parseDiff, splitRows } from './parse-diff.ts'

export type DiffStyle = 'unified' | 'split'

/** Lines drawn of one file; the rest is counted. */
const SHOWN_LINES = 2_000

export function DiffView({ unified, name }: { unified: string; name?: string }) {
  const files = useMemo(() => parseDiff(unified, name), [unified, name])
  return <Files files={files} style="unified" />
}

interface FilesProps {
  readonly files: readonly FileDiff[]
  readonly style: DiffStyle
  /** Makes each file a place that can be gone to. */
  readonly idOf?: (path: string) => string
}

export function Files({ files, style, idOf }: FilesProps) {
  return (
    <div className="diff">
      {files.map((file, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: one file may be changed more than once
        <File key={`${file.path} ${index}`} file={file} style={style} isOpen={files.length < 8} idOf={idOf} />
      ))}
    </div>
  )
}

interface FileProps extends Omit<FilesProps, 'files'> {
  readonly file: FileDiff
  readonly isOpen: boolean
}

const File = memo(function File({ file, style, isOpen, idOf }: FileProps) {
  const { path, kind, hunks, added, removed } = file
  let room = SHOWN_LINES
  const shown = hunks.map((hunk) => {
    const lines = hunk.lines.slice(0, room)
    room -= lines.length
    return { ...hunk, lines }
  })
  const hidden = hunks.reduce((sum, { lines }) => sum + lines.length, 0) - (SHOWN_LINES - room)
  return (
    <details open={isOpen} id={idOf?.(path)}>
      <summary>
        <code>{path}</code> {kind !== 'changed' && <small>{kind}</small>}{' '}
        <span className="added">+{added}</span> <span className="removed">−{removed}</span>
      </summary>
      {/* biome-ignore-start lint/suspicious/noArrayIndexKey: hunks and lines have nothing but their place */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <div className={`lines ${style}`} tabIndex={0}>
        {shown.map(({ header, lines }, index) => (
          <div key={index} className="hunk-lines">
            {header !== null && <div className="hunk">{header}</div>}
            {style === 'split'
              ? splitRows(lines).map(({ left, right }, at) => (
                  <div key={at} className="pair">
                    <Half line={left} side="before" />
                    <Half line={right} side="after" />
                  </div>
                ))
              : lines.map((line, at) => <Line key={at} line={line} />)}
          </div>
        ))}
        {hidden > 0 && <div className="hunk">… {hidden} more lines</div>}
      </div>
      {/* biome-ignore-end lint/suspicious/noArrayIndexKey: until here */}
    </details>
  )
})

const SIGNS: Record<DiffLine['kind'], string> = { same: ' ', added: '+', removed: '-', note: '' }

function Line({ line: { kind, text, before, after } }: { line: DiffLine }) {
  return (
    <div className={`line ${kind}`}>
      <span className="number">{after ?? before ?? ''}</span>
      <span className="text">
        {SIGNS[kind]}
        {text}
        {'\n'}
      </span>
    </div>
  )
}

function Half({ line, side }: { line: DiffLine | null; side: 'before' | 'after' }) {
  return (
    <div className={`half ${line?.kind ?? 'nothing'}`}>
      <span className="number">{line?.[side] ?? ''}</span>
      <span className="text">{line?.text ?? ''}</span>
    </div>
  )
}
