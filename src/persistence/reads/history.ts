/** What is in a session: turns, items and approvals, by page, by key and by window. */
import * as decode from '../decode.ts'
import { sessionScope } from '../encode.ts'
import { makePageToken, readNumberToken } from '../page-token.ts'
import * as queries from '../queries.ts'
import { decodeAll, pageOf, type RowReader } from '../row-reader.ts'
import type { Store } from '../store.ts'

/** A page of items ends early once it holds this much body: 500 items of a megabyte each are no page. */
const PAGE_BYTES = 8 * 1024 * 1024

export type HistoryReads = Pick<
  Store,
  | 'loadTurns'
  | 'listTurns'
  | 'listItems'
  | 'loadWindow'
  | 'loadItem'
  | 'loadPendingApprovals'
  | 'listApprovals'
  | 'countHistory'
>

export function historyReads(reader: RowReader): HistoryReads {
  return {
    async loadTurns(sessionId, ids) {
      if (ids.length === 0) return []
      const rows = await reader.all(sessionScope(sessionId), queries.turns(sessionId, ids))
      return rows.map(decode.decodeTurn)
    },

    async listTurns({ sessionId, limit, pageToken, order = 'newestFirst' }) {
      const kind = order === 'newestFirst' ? 'turns' : 'turnsOldestFirst'
      const query = { sessionId, order, after: readNumberToken(kind, pageToken), limit: limit + 1 }
      const rows = await reader.read(sessionScope(sessionId), queries.turnPage(query))
      const page = pageOf(rows, limit, (row) => makePageToken(kind, [row.seq]))
      return { rows: page.rows.map(decode.decodeTurn), nextPageToken: page.nextPageToken }
    },

    async listItems({ sessionId, limit, pageToken, order, turnId, beforeSeq }) {
      const kind = order === 'newestFirst' ? 'itemsNewestFirst' : 'itemsOldestFirst'
      const place = readNumberToken(kind, pageToken)
      const bounds = [beforeSeq, order === 'newestFirst' ? place : null].filter(
        (bound) => typeof bound === 'number',
      )
      const query = queries.itemPage({
        sessionId,
        turnId: turnId ?? null,
        order,
        afterSeq: order === 'oldestFirst' ? place : null,
        beforeSeq: bounds.length > 0 ? Math.min(...bounds) : null,
        limit: limit + 1,
      })
      const budget = { column: 'body', bytes: PAGE_BYTES }
      const rows = await reader.read(sessionScope(sessionId), query, budget)
      const page = pageOf(rows, limit, (row) => makePageToken(kind, [row.seq]))
      return { rows: await decodeAll(page.rows, decode.decodeItem), nextPageToken: page.nextPageToken }
    },

    async loadWindow({ sessionId, maxItems, maxBytes }) {
      const query = queries.itemPage({
        sessionId,
        turnId: null,
        order: 'newestFirst',
        afterSeq: null,
        beforeSeq: null,
        limit: maxItems,
      })
      const scope = sessionScope(sessionId)
      const budget = { column: 'body', bytes: maxBytes } as const
      const { rows } = await reader.read(scope, query, budget)
      const oldest = rows.at(-1)
      if (!oldest) return []
      const unended = queries.unendedItems(sessionId, oldest.seq, maxItems)
      const older = await reader.read(scope, unended, budget)
      return (await decodeAll([...rows, ...older.rows], decode.decodeItem)).reverse()
    },

    async loadItem(sessionId, itemId) {
      const row = await reader.first(sessionScope(sessionId), queries.item(sessionId, itemId))
      return row ? decode.decodeItem(row) : null
    },

    async loadPendingApprovals(sessionId) {
      const rows = await reader.all(sessionScope(sessionId), queries.pendingApprovals(sessionId))
      return rows.map(decode.decodeApproval)
    },

    async listApprovals({ sessionId, limit, pageToken, order = 'newestFirst' }) {
      const kind = order === 'newestFirst' ? 'approvals' : 'approvalsOldestFirst'
      const query = { sessionId, order, after: readNumberToken(kind, pageToken), limit: limit + 1 }
      const rows = await reader.read(sessionScope(sessionId), queries.approvalPage(query))
      const page = pageOf(rows, limit, (row) => makePageToken(kind, [row.position]))
      return { rows: page.rows.map(decode.decodeApproval), nextPageToken: page.nextPageToken }
    },

    async countHistory(sessionId, toolTypes) {
      const scope = sessionScope(sessionId)
      const [turns, types] = await Promise.all([
        reader.first(scope, queries.turnCount(sessionId)),
        reader.all(scope, queries.itemTypes(sessionId)),
      ])
      return decode.decodeCounters(turns?.total ?? 0, types, toolTypes)
    },
  }
}
