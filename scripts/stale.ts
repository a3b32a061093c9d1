/** Whether something built is older than what it was built from. */
import { globSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** @param built the file written last  @param sources patterns of files, seen from `root` */
export function isStale(root: string, built: string, sources: readonly string[]): boolean {
  const builtAt = statSync(join(root, built), { throwIfNoEntry: false })?.mtimeMs ?? 0
  return globSync([...sources], { cwd: root }).some((path) => statSync(join(root, path)).mtimeMs > builtAt)
}
