/** Methods about agents: what bridges tell of their calls, and what a person decides. */
import { HubError } from '../../protocol/errors.ts'
import type { AgentSeat } from '../agents/seat.ts'
import type { Client } from '../client/client.ts'
import type { Handlers } from './dispatch.ts'
import { paged } from './paged.ts'

type Names =
  | 'agent/begin'
  | 'agent/end'
  | 'agent/list'
  | 'agent/allow'
  | 'agent/revoke'
  | 'agent/restore'
  | 'audit/list'

export const agentHandlers: Pick<Handlers, Names> = {
  async 'agent/begin'({ agents }, params, client) {
    return agents.begin(seatOf(client), params)
  },
  async 'agent/end'({ agents }, params, client) {
    await agents.end(seatOf(client), params)
    return {}
  },
  async 'agent/list'({ agents }) {
    return agents.roster.list()
  },
  async 'agent/allow'({ agents }, { name, grants, tokenDigest }) {
    return { agent: agents.roster.allow(name, grants, tokenDigest) }
  },
  async 'agent/revoke'({ agents }, { name }) {
    return { closed: agents.roster.revoke(name) }
  },
  async 'agent/restore'({ agents }, { name }) {
    agents.roster.restore(name)
    return {}
  },
  async 'audit/list'({ store }, query) {
    return paged(store.listAudit(query))
  },
}

function seatOf({ agent }: Client): AgentSeat {
  if (agent) return agent
  throw new HubError(
    'notPossible',
    'Only a client that speaks for an agent has calls: say which in hub/hello.',
  )
}
