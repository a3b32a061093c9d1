/** Counts and paths as a person reads them. */

export function count(value: number): string {
  if (value < 1_000) return String(value)
  return value < 1_000_000 ? `${(value / 1_000).toFixed(1)}k` : `${(value / 1_000_000).toFixed(1)}M`
}

/** What `~` stands for on the hub's machine, once it has said so. */
let home: string | null = null

export function knowHome(path: string | null): void {
  home = path
}

/** A path as a person writes it. */
export function withTilde(path: string): string {
  if (home === null || home.length < 2) return path
  const rest = path.slice(home.length)
  return path.startsWith(home) && (rest === '' || /^[\\/]/.test(rest)) ? `~${rest}` : path
}

/** What a person wrote as a path, as the hub takes it. */
export function withoutTilde(path: string): string {
  return home !== null && /^~(?:[\\/]|$)/.test(path) ? home + path.slice(1) : path
}

/** The end of a path, which tells most of it. */
export function shortPath(path: string): string {
  const shown = withTilde(path)
  const parts = shown.split(/[\\/]/).filter((part) => part !== '')
  return parts.length <= (parts[0] === '~' ? 3 : 2) ? shown : `…/${parts.slice(-2).join('/')}`
}

/** A path as seen from a folder; itself where it lies elsewhere. */
export function pathWithin(folder: string, path: string): string {
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Text of a prompt's parts. */
export function promptText(content: unknown): string {
  if (!Array.isArray(content)) return ''
  return content
    .map((part: { type?: string; text?: string; name?: string; path?: string }) => {
      if (typeof part.text === 'string') return part.text
      if (part.type === 'image' || part.type === 'localImage') return '[image]'
      // A skill is named in the text already.
      return part.name && part.type !== 'skill' ? `@${part.name}` : ''
    })
    .filter((text) => text !== '')
    .join('\n')
}
