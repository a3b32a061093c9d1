/** Text for terminals: safe, aligned, coloured only where somebody looks. */
import { homedir } from 'node:os'
import { stripVTControlCharacters, styleText } from 'node:util'
import { ago as since } from '../base/ago.ts'

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
  return at === null ? '' : since(at, now)
}

/** Rows in columns as wide as their widest cell. With `cut`, what stands last ends where the terminal does. */
export function table(
  rows: readonly (readonly string[])[],
  cut?: 'cut',
  width = process.stdout.columns ?? Number.POSITIVE_INFINITY,
): string {
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, stripVTControlCharacters(cell).length)
    })
  }
  const pad = (cell: string, column: number) =>
    cell + ' '.repeat((widths[column] ?? 0) - stripVTControlCharacters(cell).length)
  const before = widths.slice(0, -1).reduce((sum, each) => sum + each + 2, 0)
  const room = cut ? Math.max(LEAST_ROOM, width - before) : Number.POSITIVE_INFINITY
  const place = (cell: string, column: number) =>
    column === widths.length - 1 ? within(cell, room) : pad(cell, column)
  return rows.map((row) => row.map(place).join('  ').trimEnd()).join('\n')
}

/** Narrower than this says nothing; such a terminal wraps the line. */
const LEAST_ROOM = 16

/** A cell in `room` characters, in the colour it has. */
function within(cell: string, room: number): string {
  const text = stripVTControlCharacters(cell)
  if (text.length <= room) return cell
  return cell.replace(text, () => `${text.slice(0, room - 1)}…`)
}
