/**
 * A session that ended on a Codex process which goes on for others: Codex lets go of its thread, and of the writer lock,
 * when it likes (0.142: after half an hour; 0.169: after a minute), or when the process ends. Until then that is said.
 */
import type { Driver } from '../../connectors/driver.ts'
import type { SessionRecord } from './record.ts'

const KEPT_OPEN =
  'Its Codex process goes on for other sessions and keeps the thread open, for the hub alone, until it lets go of it or ends.'

/** Nothing runs for the session any more. */
export function noteKeptOpen(record: SessionRecord, driver: Driver): void {
  const { threadId } = record.summary
  if (threadId !== null && driver.holds(threadId)) record.patchSummary({ note: KEPT_OPEN })
}

/** Codex has let go of the thread. */
export function noteLetGo(record: SessionRecord | null): void {
  if (record?.summary.note === KEPT_OPEN) record.patchSummary({ note: null })
}
