/** Whether a folder that a client names can be worked in. */
import { stat } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { HubError } from '../../protocol/errors.ts'

/** @throws HubError `invalidPath` */
export async function checkFolder(cwd: string): Promise<void> {
  const bad = (why: string) => new HubError('invalidPath', `${cwd} ${why}`, { cwd })
  if (!isAbsolute(cwd)) throw bad('is not an absolute path.')
  const entry = await stat(cwd).catch(() => null)
  if (!entry) throw bad('does not exist.')
  if (!entry.isDirectory()) throw bad('is not a folder.')
}
