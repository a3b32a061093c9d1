/** What a format makes of the parts of a session, each by itself: a huge session is never there as a whole. */
import type { StoredDetails } from '../../persistence/stored.ts'
import type { Approval } from '../../protocol/approval.ts'
import type { Item } from '../../protocol/item.ts'
import type { Summary } from '../../protocol/summary.ts'
import type { Turn } from '../../protocol/turn.ts'

export interface Heading {
  readonly summary: Summary
  readonly details: StoredDetails | null
  readonly hub: { readonly id: string; readonly version: string }
  readonly exportedAt: number
}

/** An item, and its turn where it is the first of it. */
export interface ExportedItem {
  readonly item: Item
  readonly begins: Turn | null
}

export interface Format {
  readonly mediaType: string
  readonly ending: string
  /** Whether turns and approvals are lists of their own. */
  readonly isWhole: boolean
  head(heading: Heading): string
  turns(turns: readonly Turn[], isFirst: boolean): string
  items(items: readonly ExportedItem[], isFirst: boolean): string
  approvals(approvals: readonly Approval[], isFirst: boolean): string
  tail(counts: { readonly turns: number; readonly items: number; readonly approvals: number }): string
}

/** `2026-01-31 14:05`, in UTC: a file is read in other places than where it was made. */
export function timeText(at: number | null): string {
  if (at === null) return ''
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 16).replace('T', ' ')
}

/** What is said of a session at its top, as rows of a name and a value. */
export function factsOf({ summary, exportedAt, hub }: Heading): (readonly [string, string])[] {
  const { cwd, git, settings, codexVersion, counters, threadId, imported } = summary
  const rows: [string, string][] = [
    ['Folder', cwd],
    ['Branch', git?.branch ?? ''],
    ['Model', [settings.model, settings.effort].filter(Boolean).join(', ')],
    ['Codex', codexVersion ?? ''],
    ['Thread', threadId ?? imported?.threadId ?? ''],
    ['Began', timeText(summary.createdAt)],
    ['Last changed', timeText(summary.updatedAt)],
    ['Turns', String(counters.turns)],
    ['Exported', `${timeText(exportedAt)} UTC, codex-hub ${hub.version}`],
  ]
  return rows.filter(([, value]) => value !== '')
}

/** How a turn is told from the one before. */
export function turnText(turn: Turn): string {
  const parts = [timeText(turn.startedAt), turn.model ?? '', turn.status === 'completed' ? '' : turn.status]
  return parts.filter((part) => part !== '').join(' · ')
}
