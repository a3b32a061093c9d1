/** Full-text search: which sessions may be looked in, and what the hub knows of those in which something was found. */
import { folderHolds } from '../../base/folder.ts'
import type { ReadParamsOf } from '../../protocol/methods.ts'
import type { HubRooms } from '../rooms.ts'
import type { Handlers } from './dispatch.ts'
import { paged } from './paged.ts'

export const searchHandlers: Pick<Handlers, 'session/search'> = {
  async 'session/search'(rooms, params) {
    const { registry, store } = rooms
    const { query, limit, pageToken, kinds, since, until, perSession } = params
    if (params.sessionId !== undefined) registry.get(params.sessionId)
    const sessionIds = wanted(rooms, params)
    const page = await paged(
      store.search({ query, limit, pageToken, sessionIds, kinds, since, until, perSession }),
    )
    // A session may have gone since it was found.
    const hits = page.rows.filter(({ sessionId }) => registry.sessionOrNull(sessionId) !== null)
    const found = [...new Set(hits.map(({ sessionId }) => sessionId))]
    return {
      hits,
      sessions: found.map((sessionId) => registry.get(sessionId).summary),
      nextPageToken: page.nextPageToken,
      index: await rooms.search.progress(),
    }
  },
}

/** The sessions that pass the filters, as they are now; null where there is no filter. */
function wanted(rooms: HubRooms, filter: ReadParamsOf<'session/search'>): Set<string> | null {
  const { sessionId, cwd, doors, models, archived } = filter
  if ([sessionId, cwd, doors, models, archived].every((each) => each === undefined)) return null
  const ids = new Set<string>()
  for (const { id, summary } of rooms.registry.sessions) {
    if (sessionId !== undefined && id !== sessionId) continue
    if (cwd !== undefined && !folderHolds(cwd, summary.cwd)) continue
    if (doors && !doors.includes(summary.door)) continue
    if (models && !models.includes(summary.settings.model ?? '')) continue
    if (archived !== undefined && summary.archived !== archived) continue
    ids.add(id)
  }
  return ids
}
