/** Waits for facts of the operating system that announce themselves to nobody: a process that is gone, a file cut. */
import { setTimeout } from 'node:timers/promises'
import { type Identity, isSameProcess } from '../../src/base/process-identity.ts'

/** Resolves once `holds` does; the test's own time limit ends the wait. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await setTimeout(10)
}

export function untilGone({ pid, startToken }: Identity): Promise<void> {
  return until(async () => !(await isSameProcess(pid, startToken)))
}
