/**
 * Where a Codex daemon listens. `$CODEX_HOME/app-server-control/app-server-control.sock` is a link to a socket with a
 * short path in the system's temporary folder (0.169), or the socket itself. This module only looks.
 */
import { createHash } from 'node:crypto'
import { lstat, readFile, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'

export interface ControlSocket {
  /** The socket itself, links resolved: the path in the home may be too long for the system to connect to. */
  readonly path: string
  /** Names one run of one daemon: the same for as long as it listens, another after its restart. */
  readonly instance: string
  /** When the daemon began to listen. */
  readonly boundAt: number
}

export type SocketSighting =
  | { readonly state: 'found'; readonly socket: ControlSocket }
  | { readonly state: 'absent' }
  /** A link that leads nowhere: its daemon ended and the file stayed. */
  | { readonly state: 'dangling' }
  | { readonly state: 'denied'; readonly message: string }

export function controlFolder(codexHome: string): string {
  return join(codexHome, 'app-server-control')
}

export function controlSocketPath(codexHome: string): string {
  return join(controlFolder(codexHome), 'app-server-control.sock')
}

export async function findControlSocket(codexHome: string): Promise<SocketSighting> {
  const link = controlSocketPath(codexHome)
  try {
    await lstat(link)
  } catch (error) {
    return isMissing(error) ? { state: 'absent' } : { state: 'denied', message: messageOf(error) }
  }
  try {
    const path = await realpath(link)
    // Its mode is set after it was bound: of its times only that of modification stays what it was.
    const { dev, ino, mtimeNs, mtimeMs } = await stat(path, { bigint: true })
    const stamp = createHash('sha256').update(`${dev}:${ino}:${mtimeNs}`).digest('hex')
    return {
      state: 'found',
      socket: { path, instance: `daemon-${stamp.slice(0, 16)}`, boundAt: Number(mtimeMs) },
    }
  } catch (error) {
    return isMissing(error) ? { state: 'dangling' } : { state: 'denied', message: messageOf(error) }
  }
}

/** The pid the daemon wrote down for itself; null where it did not. Proves nothing about who listens. */
export async function readDaemonPid(codexHome: string): Promise<number | null> {
  try {
    const text = await readFile(join(codexHome, 'app-server-daemon', 'daemon.pid'), 'utf8')
    const { pid } = JSON.parse(text) as { pid?: unknown }
    return typeof pid === 'number' && Number.isSafeInteger(pid) && pid > 1 ? pid : null
  } catch {
    return null
  }
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'ENOTDIR'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
