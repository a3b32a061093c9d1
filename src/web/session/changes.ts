/** What a patch of Codex says of each file, as a diff. Pure; reads what it finds and passes over what it does not know. */
import type { Item } from '../../protocol/item.ts'

interface Change {
  readonly path?: string
  readonly diff?: string
  readonly kind?: { readonly type?: string }
}

export interface FileChange {
  readonly path: string
  readonly unified: string
}

export function changesOf(body: Item['body']): FileChange[] {
  const changes = Array.isArray(body.changes) ? (body.changes as Change[]) : []
  return changes.map(({ path = 'file', diff = '', kind }) => ({ path, unified: asDiff(diff, kind?.type) }))
}

/** Codex tells of a file that is new or gone by its content alone. */
function asDiff(text: string, kind: string | undefined): string {
  const sign = kind === 'add' ? '+' : kind === 'delete' ? '-' : null
  if (sign === null || text === '') return text
  const lines = text.replace(/\n$/, '').split('\n')
  const range = kind === 'add' ? `@@ -0,0 +1,${lines.length} @@` : `@@ -1,${lines.length} +0,0 @@`
  return [range, ...lines.map((line) => sign + line)].join('\n')
}
