/** Text for terminals: safe, aligned, coloured only where somebody looks. */
import { homedir } from 'node:os'
import { stripVTControlCharacters, styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** Colour for a terminal; plain elsewhere and with NO_COLOR. */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout })
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g
/** Characters that reorder the text around them: what is read is then not what would run. */
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** What an agent wrote must not drive the terminal: sequences and control characters but line feed and tab go. */
export function safe(text: string): string {
  return stripVTControlCharacters(text).replace(CONTROL, '').replace(BIDI, '')
}

/**
 * What a person decides on, in one line. **Invariant:** nothing is left out: a control sequence can hold the dangerous
 * half of a command, so it is made visible instead of removed.
 */
export function shown(text: string): string {
  return text
    .replace(/\r?\n/g, '⏎ ')
    .replace(/\t/g, ' ')
    .replace(CONTROL, codePoint)
    .replace(BIDI, codePoint)
    .trim()
}

function codePoint(character: string): string {
  return `\\u{${character.charCodeAt(0).toString(16)}}`
}

export function oneLine(text: string, width: number): string {
  const line = safe(text).replace(/\s+/g, ' ').trim()
  return line.length > width ? `${line.slice(0, Math.max(0, width - 1))}…` : line
}

/** A path in `width` characters: its end tells more than its beginning. */
export function shortPath(path: string, width: number): string {
  const home = homedir()
  const inside = path === home || path.startsWith(`${home}/`)
  const short = safe(inside ? `~${path.slice(home.length)}` : path)
  return short.length > width ? `…${short.slice(-Math.max(0, width - 1))}` : short
}

export function ago(at: number | null, now = Date.now()): string {
  if (at === null) return ''
  const seconds = Math.max(0, Math.round((now - at) / 1_000))
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m`
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)}h`
  return `${Math.floor(seconds / 86_400)}d`
}

/** Rows in columns as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, stripVTControlCharacters(cell).length)
    })
  }
  const pad = (cell: string, column: number) =>
    cell + ' '.repeat((widths[column] ?? 0) - stripVTControlCharacters(cell).length)
  return rows.map((row) => row.map(pad).join('  ').trimEnd()).join('\n')
}
