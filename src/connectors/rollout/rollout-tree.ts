/**
 * The folders in which Codex keeps rollouts: `sessions/YYYY/MM/DD` and `archived_sessions`. Lists and stats; a folder that
 * vanishes while it is looked at is empty, one that may not be read is reported and the others go on.
 */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readRolloutName } from './rollout-name.ts'

export interface RolloutFile {
  readonly threadId: string
  readonly part: string
  readonly path: string
  readonly bytes: number
  /** Milliseconds since 1970. */
  readonly modifiedAt: number
  /** `<device>:<inode>` */
  readonly file: string
  readonly isArchived: boolean
}

export interface Listing {
  readonly paths: readonly string[]
  /** Day folders, newest first. */
  readonly days: readonly string[]
  readonly problems: readonly { readonly path: string; readonly message: string }[]
}

export function sessionsFolder(codexHome: string): string {
  return join(codexHome, 'sessions')
}

function archiveFolder(codexHome: string): string {
  return join(codexHome, 'archived_sessions')
}

/** Names every rollout file, newest first. The archive comes last: a file that is archived meanwhile is seen twice, not never. */
export async function listRollouts(codexHome: string): Promise<Listing> {
  const problems: { path: string; message: string }[] = []
  const names = async (folder: string): Promise<string[]> => {
    try {
      return await readdir(folder)
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code !== 'ENOENT' && code !== 'ENOTDIR') problems.push({ path: folder, message })
      return []
    }
  }
  const numbered = async (folder: string): Promise<string[]> =>
    (await names(folder))
      .filter((name) => /^\d{2,4}$/.test(name))
      .sort()
      .reverse()
      .map((name) => join(folder, name))
  const days: string[] = []
  for (const year of await numbered(sessionsFolder(codexHome)))
    for (const month of await numbered(year)) days.push(...(await numbered(month)))
  const paths: string[] = []
  // Names begin with the time.
  for (const folder of [...days, archiveFolder(codexHome)])
    for (const name of (await names(folder)).sort().reverse())
      if (readRolloutName(name)) paths.push(join(folder, name))
  return { paths, days, problems }
}

/** @returns null when it is gone, is no rollout or may not be looked at */
export async function statRollout(path: string, codexHome: string): Promise<RolloutFile | null> {
  const name = readRolloutName(path)
  if (!name) return null
  try {
    const { size, mtimeMs, dev, ino } = await stat(path)
    return {
      threadId: name.threadId,
      part: name.part,
      path,
      bytes: size,
      modifiedAt: mtimeMs,
      file: `${dev}:${ino}`,
      isArchived: path.startsWith(archiveFolder(codexHome)),
    }
  } catch {
    return null
  }
}
