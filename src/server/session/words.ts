/** Short texts for people, made from long ones: titles, previews, counts of a diff. Pure. */
import type { Diff } from '../../protocol/session-state.ts'

const TITLE_UNITS = 80
const PREVIEW_UNITS = 200
/** How much of a unified diff a state holds. UTF-16 units. */
export const DIFF_LIMIT = 256 * 1024

/** First line of a prompt, shortened at a word. */
export function titleOf(prompt: string): string {
  const line = prompt.trim().split('\n', 1)[0] ?? ''
  return shorten(line, TITLE_UNITS)
}

export function previewOf(text: string): string {
  return shorten(
    text
      .slice(0, PREVIEW_UNITS * 4)
      .replace(/\s+/g, ' ')
      .trim(),
    PREVIEW_UNITS,
  )
}

function shorten(text: string, units: number): string {
  if (text.length <= units) return text
  const cut = text.slice(0, units - 1)
  const space = cut.lastIndexOf(' ')
  return `${space > units / 2 ? cut.slice(0, space) : cut.replace(/[\uD800-\uDBFF]$/, '')}…`
}

const ADJECTIVES = [
  'amber',
  'brisk',
  'calm',
  'dapper',
  'eager',
  'fair',
  'glad',
  'hardy',
  'ivory',
  'jolly',
  'keen',
  'lucid',
]
const NOUNS = [
  'badger',
  'cedar',
  'delta',
  'ember',
  'falcon',
  'grove',
  'harbor',
  'island',
  'juniper',
  'kestrel',
  'lagoon',
  'maple',
]

/** A name for a session that has none yet: always the same for the same id. */
export function slugOf(id: string): string {
  let hash = 2_166_136_261
  for (let index = 0; index < id.length; index += 1)
    hash = Math.imul(hash ^ id.charCodeAt(index), 16_777_619) >>> 0
  const adjective = ADJECTIVES[hash % ADJECTIVES.length]
  const noun = NOUNS[Math.floor(hash / ADJECTIVES.length) % NOUNS.length]
  return `${adjective}-${noun}-${(hash >>> 16).toString(36).padStart(4, '0').slice(-4)}`
}

/** Text of a user message's parts: what the person typed, with a word for what was not text. */
export function promptText(content: unknown): string {
  if (!Array.isArray(content)) return ''
  const texts = content.map((part: unknown) => {
    if (typeof part !== 'object' || part === null) return ''
    const { type, text, name, path } = part as Record<string, unknown>
    if (typeof text === 'string') return text
    if (type === 'skill' || type === 'mention') return `@${String(name ?? path ?? '')}`
    return type === 'image' || type === 'localImage' ? '[image]' : ''
  })
  return texts.filter((text) => text !== '').join(' ')
}

/** A unified diff with counts per file, its text bounded. */
export function diffOf(turnId: string | null, unified: string): Diff {
  const files: Diff['files'] = []
  let file: Diff['files'][number] | undefined
  for (const line of unified.split('\n')) {
    if (line.startsWith('diff --git ')) {
      file = { path: line.slice(line.lastIndexOf(' b/') + 3), added: 0, removed: 0 }
      files.push(file)
    } else if (file && line.startsWith('+') && !line.startsWith('+++ ')) file.added += 1
    else if (file && line.startsWith('-') && !line.startsWith('--- ')) file.removed += 1
  }
  const diff: Diff = { turnId, unified: unified.slice(0, DIFF_LIMIT), files }
  if (unified.length > DIFF_LIMIT) diff.cut = unified.length
  return diff
}
