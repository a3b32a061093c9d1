/**
 * The folder in which sockets of children live: only this user may enter it, and its path is short, because the system
 * takes no more than about 100 bytes for the path of a socket. One folder per data folder; it is never removed.
 */
import { createHash } from 'node:crypto'
import { lstat, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConnectorError } from '../connector.ts'

/** `sun_path` takes 108 bytes on Linux and 104 on macOS, with the final NUL. */
const MAX_SOCKET_PATH_BYTES = 100
/** What a caller may put behind the folder's path, the slash included. */
export const MAX_SOCKET_NAME_BYTES = 40
const PRIVATE_MODE = 0o700

export interface PrivateFolderOptions {
  /** The hub's data folder: the same one gives the same socket folder after a restart. */
  readonly dataFolder: string
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly temporaryFolder?: string
}

/**
 * Find or make it. The first place that is short enough and is ours alone is taken: `$XDG_RUNTIME_DIR`, the data
 * folder, the temporary folder.
 * @throws ConnectorError `spawnFailed` saying what is wrong with each place
 */
export async function preparePrivateFolder(options: PrivateFolderOptions): Promise<string> {
  const refusals: string[] = []
  for (const folder of candidates(options)) {
    const refusal = await claim(folder)
    if (refusal === null) return folder
    refusals.push(`${folder}: ${refusal}`)
  }
  throw new ConnectorError(
    'spawnFailed',
    `no private folder for sockets could be had; ${refusals.join('; ')}. Set XDG_RUNTIME_DIR to a short folder of this user`,
    { refusals },
  )
}

function candidates({ dataFolder, env = process.env, temporaryFolder = tmpdir() }: PrivateFolderOptions) {
  const name = `codex-hub-${createHash('sha256').update(dataFolder).digest('hex').slice(0, 10)}`
  const runtime = env.XDG_RUNTIME_DIR
  return [...(runtime ? [join(runtime, name)] : []), join(dataFolder, 'run'), join(temporaryFolder, name)]
}

/** @returns why it cannot be used, or null. */
async function claim(folder: string): Promise<string | null> {
  const bytes = Buffer.byteLength(folder) + MAX_SOCKET_NAME_BYTES
  if (bytes > MAX_SOCKET_PATH_BYTES) return `its path leaves no room for a socket's name (${bytes} bytes)`
  try {
    await mkdir(folder, { mode: PRIVATE_MODE })
    return null
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'EEXIST') return message
  }
  // Somebody else may have been first in a shared folder: it counts only when nobody else can have put things into it.
  const found = await lstat(folder)
  if (!found.isDirectory()) return 'is not a folder, or is a symbolic link'
  if (found.uid !== process.getuid?.()) return `belongs to user ${found.uid}`
  const mode = found.mode & 0o777
  if (mode !== PRIVATE_MODE) return `has mode ${mode.toString(8)} and not 700`
  return null
}
