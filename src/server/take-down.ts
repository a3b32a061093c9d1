/**
 * Ends the parts of a hub one after the other. **Invariant:** what cannot be ended keeps nothing that comes after it from
 * being let go of: the lock of the data folder comes last.
 */
import type { Log } from '../base/log.ts'

/** @throws the first of the failures, which are all logged, when everything has had its turn */
export async function takeDown(steps: readonly (() => unknown)[], log: Log): Promise<void> {
  const failures: unknown[] = []
  for (const step of steps) {
    try {
      await step()
    } catch (error) {
      log.error({ err: error }, 'a part of the hub could not be ended in order')
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
}
