/** Reading sessions: lists and pages, always bounded, never a whole thread. */
import { HubError } from '../../protocol/errors.ts'
import type { Item } from '../../protocol/item.ts'
import { boundItem, textAt } from '../session/bound-item.ts'
import type { Handlers } from './dispatch.ts'
import { paged } from './paged.ts'
import { relationsOf } from './relations.ts'

type Names =
  | 'session/list'
  | 'session/get'
  | 'session/items'
  | 'session/turns'
  | 'session/approvals'
  | 'session/diff'
  | 'session/terminal'
  | 'item/read'

export const queryHandlers: Pick<Handlers, Names> = {
  async 'session/list'(rooms, { parentSessionId, ...query }) {
    const parent = parentSessionId === undefined ? null : rooms.registry.get(parentSessionId)
    // One that Codex has no thread for yet has started nobody.
    const parentThreadId = parent === null ? undefined : (parent.summary.threadId ?? '')
    const { rows, total, nextPageToken } = await paged(rooms.store.listSessions({ ...query, parentThreadId }))
    // The store holds what was; what is comes from the sessions themselves.
    const sessions = rows.map((row) => known(rooms.registry.sessionOrNull(row.id)?.summary, row))
    return { sessions, total, nextPageToken }
  },
  async 'session/get'(rooms, { sessionId }) {
    const session = rooms.registry.get(sessionId)
    await session.record.hydrate()
    const { approvals } = session.record.state
    return { session: session.summary, approvals, relations: relationsOf(rooms.registry, session.summary) }
  },
  async 'session/items'(rooms, query) {
    const session = rooms.registry.get(query.sessionId)
    // What still grows is newest in memory.
    session.record.writeGrowing()
    const { rows, nextPageToken } = await paged(rooms.store.listItems(query))
    return { items: rows.map(shown), nextPageToken }
  },
  async 'session/turns'(rooms, { sessionId, limit, pageToken }) {
    rooms.registry.get(sessionId)
    const { rows, nextPageToken } = await paged(rooms.store.listTurns({ sessionId, limit, pageToken }))
    return { turns: rows, nextPageToken }
  },
  async 'session/approvals'(rooms, { sessionId, limit, pageToken }) {
    rooms.registry.get(sessionId)
    const { rows, nextPageToken } = await paged(rooms.store.listApprovals({ sessionId, limit, pageToken }))
    return { approvals: rows, nextPageToken }
  },
  async 'item/read'(rooms, { sessionId, itemId, field, offset, length }) {
    rooms.registry.get(sessionId).record.writeGrowing()
    const item = await rooms.store.loadItem(sessionId, itemId)
    if (!item) throw new HubError('notFound', `No item ${itemId} in this session.`, { itemId })
    if (field === undefined) return { item: shown(item) }
    const text = textAt(item.body, field)
    if (text === undefined) {
      throw new HubError('notFound', `Item ${itemId} has no text at "${field}".`, { itemId, field })
    }
    return { text: text.slice(offset, offset + length), total: text.length }
  },
  async 'session/diff'(rooms, { sessionId }) {
    const session = rooms.registry.get(sessionId)
    session.record.writeGrowing()
    const details = await rooms.store.loadDetails(sessionId)
    return { turnId: details?.diff?.turnId ?? null, unified: details?.unifiedDiff ?? '' }
  },
  async 'session/terminal'(rooms, { sessionId }) {
    const session = rooms.registry.get(sessionId)
    const terminal = session.connector?.terminal() ?? null
    if (!terminal) {
      throw new HubError(
        'notPossible',
        session.connector
          ? 'This session runs over stdio, which no terminal can join.'
          : 'Nothing runs for this session; resume it first.',
        { phase: session.phase },
      )
    }
    return { ...terminal, cwd: session.summary.cwd }
  },
}

function shown(item: Item): Item {
  const bounded = boundItem(item, item.turnId, item.seq)
  const cut = { ...item.cut, ...bounded.cut }
  return { ...bounded, ...(Object.keys(cut).length > 0 ? { cut } : {}), ...(item.hole ? { hole: true } : {}) }
}

function known<T>(live: T | undefined, stored: T): T {
  return live ?? stored
}
