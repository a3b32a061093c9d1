/** Which child of the hub a process comes from: that is one of its ancestors then. */
import { type Identity, isSameProcess, readParentPid } from '../../base/process-identity.ts'
import type { ProcessRecord } from '../../connectors/driver.ts'

/** Shells, launchers and package runners may stand in between. */
const MOST_ANCESTORS = 16

/** @returns its ancestor that is a child of the hub; null when none is, or the process is not of this machine */
export async function childAbove(
  { pid, startToken }: Identity,
  children: Iterable<ProcessRecord>,
): Promise<ProcessRecord | null> {
  if (!(await isSameProcess(pid, startToken))) return null
  const byPid = new Map([...children].map((child) => [child.pid, child]))
  let ancestor: number | null = pid
  for (let steps = 0; ancestor !== null && steps < MOST_ANCESTORS; steps++) {
    const child = byPid.get(ancestor)
    if (child) return child
    ancestor = await readParentPid(ancestor)
  }
  return null
}
