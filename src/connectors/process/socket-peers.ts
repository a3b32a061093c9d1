/** Who is connected to a Unix socket that a child listens on. Linux tells; elsewhere nobody knows. */
import { readFile, realpath } from 'node:fs/promises'

/** Connected, in the words of `/proc/net/unix`. */
const CONNECTED = '03'

/** How many connections the socket's owner has accepted; null where the system does not tell. */
export async function countPeers(socketPath: string): Promise<number | null> {
  // Codex 0.169 listens elsewhere and leaves a link where it was told to.
  const path = await realpath(socketPath).catch(() => socketPath)
  const table = await readFile('/proc/net/unix', 'utf8').catch(() => null)
  return table === null ? null : peersIn(table, path)
}

/** Each accepted connection is a line of its own that bears the path; the listening socket is another, unconnected. */
export function peersIn(table: string, socketPath: string): number {
  return table.split('\n').filter((line) => {
    const [, , , , , state, , path] = line.trim().split(/\s+/)
    return state === CONNECTED && path === socketPath
  }).length
}
