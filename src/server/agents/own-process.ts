/** Which session started a process: one of its ancestors is then a child of the hub. */
import { type Identity, isSameProcess, readParentPid } from '../../base/process-identity.ts'
import type { ProcessRecord } from '../../connectors/driver.ts'

/** Shells, launchers and package runners may stand in between. */
const MOST_ANCESTORS = 16

/** @returns null when no ancestor is a child of the hub, or the process is not of this machine */
export async function sessionOfProcess(
  { pid, startToken }: Identity,
  children: Iterable<ProcessRecord>,
): Promise<string | null> {
  if (!(await isSameProcess(pid, startToken))) return null
  const sessions = new Map([...children].map((child) => [child.pid, child.sessionId]))
  let ancestor: number | null = pid
  for (let steps = 0; ancestor !== null && steps < MOST_ANCESTORS; steps++) {
    const sessionId = sessions.get(ancestor)
    if (sessionId) return sessionId
    ancestor = await readParentPid(ancestor)
  }
  return null
}
