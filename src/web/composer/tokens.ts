/** Mentions as they are written: `@` and some letters of a file's path, `$` and the name of a skill. Pure. */

export interface Token {
  readonly kind: 'file' | 'skill'
  readonly query: string
  /** Where it stands in the text, the sign included. */
  readonly start: number
  readonly end: number
}

/** The mention that is being written at the caret. */
export function tokenAt(text: string, caret: number): Token | null {
  const found = /(?:^|[\s([])(@\S*|\$[\w:-]*)$/.exec(text.slice(0, caret))
  if (!found) return null
  const [, begun = ''] = found
  const rest = /^\S*/.exec(text.slice(caret))?.[0] ?? ''
  return {
    kind: begun.startsWith('@') ? 'file' : 'skill',
    query: begun.slice(1),
    start: caret - begun.length,
    end: caret + rest.length,
  }
}

/** The text with a mention instead of what was begun, and where the caret goes. */
export function complete(
  text: string,
  { start, end }: Token,
  mention: string,
): { text: string; caret: number } {
  const after = text.slice(end)
  const gap = after.startsWith(' ') ? '' : ' '
  return { text: `${text.slice(0, start)}${mention}${gap}${after}`, caret: start + mention.length + 1 }
}

/** How a file is named in a prompt: Codex reads it as text, so a path with spaces is quoted. */
export function fileMention(path: string): string {
  return /\s/.test(path) ? `"${path}"` : path
}

/** Names after a `$`, once each. */
export function skillNames(text: string): string[] {
  return [...new Set([...text.matchAll(/(?:^|[\s([])\$([\w:-]+)/g)].map(([, name]) => name as string))]
}
