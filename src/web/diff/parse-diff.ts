/** A unified diff as files, hunks and numbered lines. Pure. What is no diff becomes lines that are in both. */

export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed' | 'note'
  readonly text: string
  /** Number in the old and in the new file; null where it is not there, or where nobody said. */
  readonly before: number | null
  readonly after: number | null
}

interface Hunk {
  /** What stands after `@@`; null for lines without one. */
  readonly header: string | null
  readonly lines: readonly DiffLine[]
}

export interface FileDiff {
  readonly path: string
  readonly kind: 'changed' | 'added' | 'deleted' | 'renamed' | 'binary'
  readonly hunks: readonly Hunk[]
  readonly added: number
  readonly removed: number
}

interface OpenFile {
  path: string
  kind: FileDiff['kind']
  hunks: { header: string | null; lines: DiffLine[] }[]
  before: number
  after: number
}

const HUNK = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/

/** `path` names a diff that does not say of which file it is. */
export function parseDiff(unified: string, path = 'changes'): FileDiff[] {
  const files: OpenFile[] = []
  let isHead = false
  for (const line of unified.replace(/\n$/, '').split('\n')) {
    if (line.startsWith('diff --git ')) {
      files.push(openFile(line.slice(line.lastIndexOf(' b/') + 3)))
      isHead = true
      continue
    }
    let file = files.at(-1)
    if (!file) {
      file = openFile(path)
      files.push(file)
      isHead = line.startsWith('--- ') || line.startsWith('+++ ')
    }
    const hunk = HUNK.exec(line)
    if (hunk) {
      isHead = false
      file.before = Number(hunk[1])
      file.after = Number(hunk[2])
      file.hunks.push({ header: line, lines: [] })
    } else if (isHead) readHead(file, line)
    else addLine(file, line)
  }
  return files.map(({ path, kind, hunks }) => ({
    path,
    kind,
    hunks,
    added: countOf(hunks, 'added'),
    removed: countOf(hunks, 'removed'),
  }))
}

function openFile(path: string): OpenFile {
  return { path, kind: 'changed', hunks: [], before: Number.NaN, after: Number.NaN }
}

function readHead(file: OpenFile, line: string): void {
  if (line.startsWith('new file')) file.kind = 'added'
  else if (line.startsWith('deleted file')) file.kind = 'deleted'
  else if (line.startsWith('rename to')) file.kind = 'renamed'
  else if (line.startsWith('Binary files')) file.kind = 'binary'
}

function addLine(file: OpenFile, line: string): void {
  let hunk = file.hunks.at(-1)
  if (!hunk) {
    hunk = { header: null, lines: [] }
    file.hunks.push(hunk)
  }
  const [sign, text] = [line[0], line.slice(1)]
  const [before, after] = [numberOf(file.before), numberOf(file.after)]
  if (sign === '+') {
    hunk.lines.push({ kind: 'added', text, before: null, after })
    file.after += 1
  } else if (sign === '-') {
    hunk.lines.push({ kind: 'removed', text, before, after: null })
    file.before += 1
  } else if (sign === '\\') hunk.lines.push({ kind: 'note', text: line, before: null, after: null })
  else {
    hunk.lines.push({ kind: 'same', text: sign === ' ' ? text : line, before, after })
    file.before += 1
    file.after += 1
  }
}

function numberOf(line: number): number | null {
  return Number.isNaN(line) ? null : line
}

function countOf(hunks: OpenFile['hunks'], kind: DiffLine['kind']): number {
  return hunks.reduce((sum, { lines }) => sum + lines.filter((line) => line.kind === kind).length, 0)
}

export interface SplitRow {
  readonly left: DiffLine | null
  readonly right: DiffLine | null
}

/** Side by side: what was removed stands beside what was added in its place. */
export function splitRows(lines: readonly DiffLine[]): SplitRow[] {
  const rows: SplitRow[] = []
  let removed: DiffLine[] = []
  let added: DiffLine[] = []
  const flush = (): void => {
    for (let at = 0; at < Math.max(removed.length, added.length); at += 1)
      rows.push({ left: removed[at] ?? null, right: added[at] ?? null })
    removed = []
    added = []
  }
  for (const line of lines) {
    if (line.kind === 'removed') {
      // Another change begins where a line is removed after some were added.
      if (added.length > 0) flush()
      removed.push(line)
    } else if (line.kind === 'added') added.push(line)
    else {
      flush()
      rows.push({ left: line, right: line })
    }
  }
  flush()
  return rows
}
