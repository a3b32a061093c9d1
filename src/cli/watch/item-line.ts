/** One line for an item that is not text: what it was and what it concerned. `body` is Codex's own, of any release. */
import { relative } from 'node:path'
import type { Item } from '../../protocol/item.ts'
import { oneLine, safe } from '../text.ts'

const WIDTH = 200

export function itemLine({ type, body, status }: Item, cwd: string): string {
  const ending = status === 'completed' ? '' : `, ${status}`
  switch (type) {
    case 'fileChange':
      return `✎ ${oneLine(pathsOf(body.changes, cwd), WIDTH)}${ending}`
    case 'reasoning':
      return `… ${oneLine(firstText(body.summary) ?? firstText(body.content) ?? 'thinking', WIDTH)}`
    case 'mcpToolCall':
      return `⚙ ${oneLine([body.server, body.tool].filter((part) => typeof part === 'string').join('.'), WIDTH)}${ending}`
    case 'webSearch':
      return `⌕ ${oneLine(String(body.query ?? ''), WIDTH)}`
    case 'contextCompaction':
      return status === 'inProgress' ? '… makes room in its context' : `… made room in its context${ending}`
    default:
      return `[${safe(type)}${ending}]`
  }
}

function pathsOf(changes: unknown, cwd: string): string {
  if (!Array.isArray(changes)) return 'files'
  return changes
    .flatMap((change: { path?: unknown } | null) => (typeof change?.path === 'string' ? [change.path] : []))
    .map((path) => {
      const inside = relative(cwd, path)
      return inside === '' || inside.startsWith('..') ? path : inside
    })
    .join(', ')
}

function firstText(texts: unknown): string | null {
  if (!Array.isArray(texts)) return null
  return texts.find((text) => typeof text === 'string' && text !== '') ?? null
}
