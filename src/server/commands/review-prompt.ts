/** Findings of a review as a prompt. Pure. */
import { isAbsolute, relative } from 'node:path'
import type { Finding } from '../../protocol/review.ts'

const ASK = 'Address these findings of a code review:'

export function findingsPrompt(findings: readonly Finding[], cwd: string, note: string | undefined): string {
  const rows = findings.map((finding, index) => {
    const { title, text, priority } = finding
    const urgency = priority === null ? '' : `[P${priority}] `
    const place = placeOf(finding, cwd)
    const head = `${index + 1}. ${urgency}${title}${place === null ? '' : ` (${place})`}`
    const body = text === '' ? [] : text.split('\n').map((line) => `   ${line}`.trimEnd())
    return [head, ...body].join('\n')
  })
  return [...(note?.trim() ? [note.trim()] : []), ASK, ...rows].join('\n\n')
}

function placeOf({ file, startLine, endLine }: Finding, cwd: string): string | null {
  if (file === null) return null
  const path = isAbsolute(file) ? relative(cwd, file) : file
  const shown = path.startsWith('..') ? file : path
  if (startLine === null) return shown
  return endLine === null || endLine === startLine
    ? `${shown}:${startLine}`
    : `${shown}:${startLine}-${endLine}`
}
