/** Sessions as wholes: each with its summary, the parts that are one value, and pages of them. */
import * as decode from '../decode.ts'
import { LIST_SCOPE, sessionScope } from '../encode.ts'
import { makePageToken, readSessionToken } from '../page-token.ts'
import * as queries from '../queries.ts'
import { pageOf, type RowReader } from '../row-reader.ts'
import type { Store } from '../store.ts'

export type SessionReads = Pick<Store, 'loadSessions' | 'loadSession' | 'loadDetails' | 'listSessions'>

export function sessionReads(reader: RowReader): SessionReads {
  return {
    async loadSessions() {
      return reader.inPages(LIST_SCOPE, queries.sessionsAfter, ({ id }) => id, decode.decodeSession)
    },

    async loadSession(sessionId) {
      const row = await reader.first(sessionScope(sessionId), queries.session(sessionId))
      return row ? decode.decodeSession(row) : null
    },

    async loadDetails(sessionId) {
      const row = await reader.first(sessionScope(sessionId), queries.details(sessionId))
      return row ? decode.decodeDetails(row) : null
    },

    async listSessions({ limit, pageToken, archived, cwd, subagents, parentThreadId }) {
      const parent = parentThreadId ?? (subagents ? undefined : null)
      const range = { archived, cwd: cwd ?? null, parentThreadId: parent }
      const after = readSessionToken(pageToken)
      const [rows, count] = await Promise.all([
        reader.read(LIST_SCOPE, queries.sessionPage({ ...range, after, limit: limit + 1 })),
        reader.first(LIST_SCOPE, queries.sessionCount(range)),
      ])
      const page = pageOf(rows, limit, (row) => makePageToken('sessions', [row.updated_at, row.id]))
      return {
        rows: page.rows.map(decode.decodeSummary),
        nextPageToken: page.nextPageToken,
        total: count?.total ?? 0,
      }
    },
  }
}
