/** How the processes of a round end when nobody needs them any more. */
import { waitFor } from '../waiting.ts'
import { markedProcesses, unwatched } from './marked.ts'

/** Resolves once every child has a warden: one whose warden was killed has another a moment later. @throws Violation */
export function untilWatched(mark: string, limitMs: number): Promise<void> {
  const left = () => unwatched(mark)
  return waitFor(
    'orphan',
    () => left() <= 0,
    () => `${left()} Codex processes have no warden`,
    limitMs,
  )
}

/** Resolves once nothing of the round runs. @throws Violation */
export function untilGone(mark: string, limitMs: number): Promise<void> {
  const left = () => markedProcesses(mark)
  return waitFor(
    'orphan',
    () => left().length === 0,
    () => `${left().length} processes are left`,
    limitMs,
  )
}
