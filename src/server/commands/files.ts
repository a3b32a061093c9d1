/** Names of folders and files, for choosing them. What is in a file is not read here. */
import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { searchFiles } from '../../connectors/codex/operations/files.ts'
import { HubError } from '../../protocol/errors.ts'
import type { Folder } from '../../protocol/files.ts'
import type { FILE_METHODS } from '../../protocol/methods/files.ts'
import type { Handlers } from './dispatch.ts'
import { checkFolder } from './folder.ts'
import { askThere } from './place.ts'

/** More folders in one than this are not for choosing from a list. */
const MOST_FOLDERS = 500

export const fileHandlers: Pick<Handlers, keyof typeof FILE_METHODS> = {
  async 'folder/list'(rooms, { path: asked }) {
    if (asked !== undefined) await checkFolder(asked)
    const path = resolve(asked ?? rooms.home)
    const entries = await readdir(path, { withFileTypes: true }).catch((cause: Error) => {
      throw new HubError('invalidPath', `${path} cannot be read: ${cause.message}`, { path })
    })
    const folders = (await Promise.all(entries.map((entry) => folderOf(path, entry))))
      .filter((folder) => folder !== null)
      .sort((a, b) => a.name.localeCompare(b.name))
    return {
      path,
      parent: dirname(path) === path ? null : dirname(path),
      folders: folders.slice(0, MOST_FOLDERS),
      isPart: folders.length > MOST_FOLDERS,
    }
  },
  async 'file/search'(rooms, { cwd: asked, query, limit, ...place }) {
    if (asked !== undefined) await checkFolder(asked)
    return askThere(rooms, place, async ({ line, cwd: own }) => {
      const cwd = asked ?? own
      if (cwd === null) throw new HubError('invalidParams', 'Name a session or a folder to search in.', {})
      return { cwd, files: await searchFiles(line, { cwd, query, limit }) }
    })
  },
}

async function folderOf(path: string, entry: Dirent): Promise<Folder | null> {
  if (entry.name.startsWith('.')) return null
  const whole = join(path, entry.name)
  const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && (await isDirectory(whole)))
  if (!isFolder) return null
  const isRepository = await stat(join(whole, '.git')).then(
    () => true,
    () => false,
  )
  return { name: entry.name, path: whole, isRepository }
}

function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}
