/** A server of a test's own on a Unix socket. */
import { mkdirSync } from 'node:fs'
import type { Server, Socket } from 'node:net'
import { dirname } from 'node:path'

/** @returns what ends it, with all who are connected */
export async function listenOn(path: string, server: Server): Promise<() => void> {
  mkdirSync(dirname(path), { recursive: true })
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => sockets.add(socket))
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
}
