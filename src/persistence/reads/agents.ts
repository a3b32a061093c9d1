/** Agents and what they did. */
import * as decode from '../decode.ts'
import { AGENT_SCOPE, AUDIT_SCOPE } from '../encode.ts'
import { makePageToken, readNumberToken } from '../page-token.ts'
import * as queries from '../queries.ts'
import { pageOf, type RowReader } from '../row-reader.ts'
import type { Store } from '../store.ts'

export type AgentReads = Pick<Store, 'loadAgents' | 'loadAuditRow' | 'listAudit'>

export function agentReads(reader: RowReader): AgentReads {
  return {
    async loadAgents() {
      return (await reader.all(AGENT_SCOPE, queries.agents())).map(decode.decodeAgent)
    },

    async loadAuditRow(id) {
      const row = await reader.first(AUDIT_SCOPE, queries.auditRow(id))
      return row ? decode.decodeAudit(row) : null
    },

    async listAudit({ agent, sessionId, limit, pageToken }) {
      const query = { agent, sessionId, before: readNumberToken('audit', pageToken), limit: limit + 1 }
      const rows = await reader.read(AUDIT_SCOPE, queries.auditPage(query))
      const page = pageOf(rows, limit, (row) => makePageToken('audit', [row.position]))
      return { rows: page.rows.map(decode.decodeAudit), nextPageToken: page.nextPageToken }
    },
  }
}
