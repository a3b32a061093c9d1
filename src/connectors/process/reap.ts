/**
 * Ends what an earlier hub left behind, by the ledger's record of it. A pid that is another process by now is not
 * touched; the files of the dead child are removed either way.
 */
import { lstat, readlink, unlink } from 'node:fs/promises'
import type { Clock } from '../../base/clock.ts'
import type { ProcessRecord } from '../driver.ts'
import { type Ending, type Rung, socketLadder, terminate } from './terminate.ts'

/** Where a socket child writes what is meant for people: beside its socket. */
export function logPathOf(socketPath: string): string {
  return `${socketPath}.log`
}

/** @returns how it ended. Never throws. */
export async function reap(
  record: ProcessRecord,
  clock: Clock,
  ladder: readonly Rung[] = socketLadder(),
): Promise<Ending> {
  const ending = await terminate({ pid: record.pid, startToken: record.startToken }, ladder, clock)
  if (record.socketPath !== null && ending.kind !== 'survived') await removeSocket(record.socketPath)
  return ending
}

/** Remove a dead child's socket and log. Never throws: the child, or another look at its end, may be at it too. */
export async function removeSocket(socketPath: string): Promise<void> {
  // The path is only text from a ledger: what lies there now must be what we put there.
  // Codex 0.169 listens elsewhere and leaves a link here, which outlives a kill.
  const target = await readlink(socketPath).catch(() => null)
  if (target !== null && (await isOfKind(target, 'isSocket'))) await unlink(target).catch(() => {})
  if (target !== null || (await isOfKind(socketPath, 'isSocket'))) await unlink(socketPath).catch(() => {})
  const logPath = logPathOf(socketPath)
  if (await isOfKind(logPath, 'isFile')) await unlink(logPath).catch(() => {})
}

async function isOfKind(path: string, kind: 'isSocket' | 'isSymbolicLink' | 'isFile'): Promise<boolean> {
  try {
    return (await lstat(path))[kind]()
  } catch {
    return false
  }
}
