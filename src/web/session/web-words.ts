/** What Codex did on the web, in words. Pure; reads what it finds and passes over what it does not know. */
import type { Item } from '../../protocol/item.ts'
import { textOf } from '../format.ts'

export function webWords({ query, action }: Item['body']): string {
  const { type, url, pattern, query: asked, queries } = (action ?? {}) as Record<string, unknown>
  // Items and rollouts write these in two ways.
  if (type === 'openPage' || type === 'open_page') return `Opened ${textOf(url) || 'a page'}`
  if (type === 'findInPage' || type === 'find_in_page')
    return `Looked for “${textOf(pattern)}” in ${textOf(url) || 'a page'}`
  const several = Array.isArray(queries) ? queries.map(textOf).join(', ') : ''
  return `Searched the web: ${textOf(query) || textOf(asked) || several}`
}
