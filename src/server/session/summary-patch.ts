/** The difference between two summaries as a delta. Pure. */
import { isDeepStrictEqual } from 'node:util'
import type { Delta } from '../../protocol/delta.ts'
import type { Summary } from '../../protocol/summary.ts'

/** A summary delta with the fields that differ, or nothing. */
export function patch(summary: Summary, next: Partial<Summary>): Delta[] {
  const changed = Object.fromEntries(
    Object.entries(next).filter(([key, value]) => !isDeepStrictEqual(summary[key as keyof Summary], value)),
  )
  return Object.keys(changed).length === 0 ? [] : [{ op: 'summary', patch: changed as Partial<Summary> }]
}
