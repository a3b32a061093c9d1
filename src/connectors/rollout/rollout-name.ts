/**
 * Names of rollout files. `rollout-<local time>-<threadId>.jsonl`; a reverted thread (0.169) goes on in a further file
 * `…-<threadId>_<partId>.jsonl`, and either may be compressed to `.jsonl.zst`. The thread id is the identity, the path
 * never is.
 */
import { basename } from 'node:path'

export interface RolloutName {
  readonly threadId: string
  /** Sorts the files of one thread in the order in which they were begun; the same for a compressed twin. */
  readonly part: string
  readonly isCompressed: boolean
}

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
const NAME = new RegExp(
  `^rollout-(\\d{4}-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\d)-(${UUID})(?:_(${UUID}))?\\.jsonl(\\.zst)?$`,
)

/** @returns null when the file is no rollout */
export function readRolloutName(path: string): RolloutName | null {
  const match = NAME.exec(basename(path))
  if (!match) return null
  const [, begun = '', threadId = '', partId, compressed] = match
  // Part ids are UUIDv7, made in order; two reverts in one second still sort right. The first file has none.
  return { threadId, part: `${begun}_${partId ?? ''}`, isCompressed: compressed !== undefined }
}
