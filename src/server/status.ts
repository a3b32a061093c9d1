/** The hub's own state, for `hub/status`, `/health` and people who wonder. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readMemory } from '../base/process-memory.ts'
import type { ResultOf } from '../protocol/methods.ts'
import { LOG_FILES } from './log.ts'
import type { HubRooms } from './rooms.ts'

export async function statusOf(rooms: HubRooms): Promise<ResultOf<'hub/status'>> {
  const store = await rooms.store.stats()
  const sessions: Record<string, number> = {}
  for (const { phase } of rooms.registry.sessions) sessions[phase] = (sessions[phase] ?? 0) + 1
  const processes = [...rooms.ledger.processes]
  const memory = await readMemory(processes.map(({ pid }) => pid))
  const { rss, heapUsed } = process.memoryUsage()
  const { path, version, source, problem } = rooms.codex.latest
  return {
    version: rooms.version,
    uptimeMs: rooms.clock.now() - rooms.startedAt,
    codex: { path, version, source, problem },
    sessions,
    clients: rooms.clients.size,
    processes: processes.map(({ id, pid, sessionId, sharedBy, startedAt }) => ({
      id,
      pid,
      sessionId,
      isShared: sharedBy !== null,
      startedAt,
      memoryBytes: memory.get(pid) ?? null,
    })),
    unreadBytes: [...rooms.clients].reduce((sum, { outbox }) => sum + outbox.bufferedBytes, 0),
    queuedPrompts: [...rooms.registry.sessions].reduce(
      (sum, { queue }) => sum + queue.value.entries.length,
      0,
    ),
    logBytes: await logBytes(rooms.folder),
    store: { ...store },
    search: await rooms.search.progress(),
    memory: { rssBytes: rss, heapBytes: heapUsed },
  }
}

async function logBytes(folder: string): Promise<number> {
  const sizes = LOG_FILES.map((file) =>
    stat(join(folder, file)).then(
      ({ size }) => size,
      () => 0,
    ),
  )
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size)
}
