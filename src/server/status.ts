/** The hub's own state, for `hub/status`, `/health` and people who wonder. */
import type { ResultOf } from '../protocol/methods.ts'
import type { HubRooms } from './rooms.ts'

export async function statusOf(rooms: HubRooms): Promise<ResultOf<'hub/status'>> {
  const store = await rooms.store.stats()
  const sessions: Record<string, number> = {}
  for (const { phase } of rooms.registry.sessions) sessions[phase] = (sessions[phase] ?? 0) + 1
  const { rss, heapUsed } = process.memoryUsage()
  const { path, version, source, problem } = rooms.codex.latest
  return {
    version: rooms.version,
    uptimeMs: rooms.clock.now() - rooms.startedAt,
    codex: { path, version, source, problem },
    sessions,
    clients: rooms.clients.size,
    processes: [...rooms.ledger.processes].map(({ id, pid, sessionId, startedAt }) => ({
      id,
      pid,
      sessionId,
      startedAt,
    })),
    store: { ...store },
    search: await rooms.search.progress(),
    memory: { rssBytes: rss, heapBytes: heapUsed },
  }
}
