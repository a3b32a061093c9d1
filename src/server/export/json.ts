/**
 * A session as JSON, nothing left out: `src/protocol/export.ts` is its schema. One value a line, so that it is one JSON
 * document for any program and yet is written, and read again, line by line.
 */
import { EXPORT_FORMAT, EXPORT_VERSION } from '../../protocol/export.ts'
import type { Format } from './format.ts'

export const jsonFormat: Format = {
  mediaType: 'application/json',
  ending: 'json',
  isWhole: true,
  head({ summary, details, hub, exportedAt }) {
    const about = JSON.stringify({ format: EXPORT_FORMAT, version: EXPORT_VERSION, exportedAt, hub })
    const known = { plan: null, diff: null, unifiedDiff: null, warnings: [], ...details }
    return `${about.slice(0, -1)},\n"session":${JSON.stringify(summary)},\n"details":${JSON.stringify(known)},\n"turns":[`
  },
  turns: lines,
  items: (items, isFirst) =>
    lines(
      items.map(({ item }) => item),
      isFirst,
    ),
  approvals: lines,
  tail: (counts) => `\n],\n"end":${JSON.stringify(counts)}}\n`,
}

/** What stands between two lists. */
export const LIST_BREAKS = { items: '\n],\n"items":[', approvals: '\n],\n"approvals":[' } as const

function lines(values: readonly unknown[], isFirst: boolean): string {
  return values
    .map((value, index) => `${isFirst && index === 0 ? '' : ','}\n${JSON.stringify(value)}`)
    .join('')
}
