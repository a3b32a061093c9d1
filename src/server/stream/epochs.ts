import type { Clock } from '../../base/clock.ts'
import { mintId } from '../../base/id.ts'

/** Makes epochs: those of one hub differ from each other and from those of every other hub. */
export function epochsOf(clock: Clock): () => string {
  let count = 0
  return () => {
    count += 1
    return `${mintId('ep', clock.now()).slice(3)}.${count.toString(36)}`
  }
}
