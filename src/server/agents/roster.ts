/**
 * The agents a hub knows: what each was granted, its token, and whether it is locked out. One row each in the store; a
 * token is kept as its digest alone.
 */
import { timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import type { Store } from '../../persistence/store.ts'
import type { StoredAgent } from '../../persistence/stored.ts'
import type { Agent, Grant } from '../../protocol/agent.ts'
import { HubError } from '../../protocol/errors.ts'
import type { Client } from '../client/client.ts'
import { digestOf } from '../http/tokens.ts'

/** Stands for all agents: while it is revoked none comes in. */
const EVERYBODY = '*'

export interface RosterPorts {
  readonly store: Store
  readonly clock: Clock
  /** Everybody who is connected. */
  clients(): Iterable<Client>
}

export class Roster {
  readonly #ports: RosterPorts
  readonly #agents: Map<string, StoredAgent>

  constructor(ports: RosterPorts, stored: readonly StoredAgent[]) {
    this.#ports = ports
    this.#agents = new Map(stored.map((agent) => [agent.name, agent]))
  }

  list(): { agents: Agent[]; closedAt: number | null } {
    const agents = [...this.#agents.values()].filter(({ name }) => name !== EVERYBODY).map(shown)
    return { agents, closedAt: this.#agents.get(EVERYBODY)?.revokedAt ?? null }
  }

  /** The agent with this token, locked out or not; null where no agent has it. */
  byToken(token: string): string | null {
    const digest = digestOf(token)
    let found: string | null = null
    for (const { name, tokenDigest } of this.#agents.values()) {
      if (tokenDigest !== null && timingSafeEqual(Buffer.from(tokenDigest, 'hex'), digest)) found = name
    }
    return found
  }

  /** Say what an agent may do; one that was locked out stays so. */
  allow(name: string, grants?: readonly Grant[], tokenDigest?: string | null): Agent {
    const known = this.#known(name)
    return shown(
      this.#put({
        ...known,
        grants: grants ?? known.grants,
        tokenDigest: tokenDigest === undefined ? known.tokenDigest : tokenDigest,
      }),
    )
  }

  /** Lock an agent out, or all of them. @returns how many connections that ended */
  revoke(name: string = EVERYBODY): number {
    const { clock, clients } = this.#ports
    this.#put({ ...this.#known(name), revokedAt: clock.now() })
    const theirs = [...clients()].filter(
      ({ agent }) => agent !== null && (name === EVERYBODY || agent.agent === name),
    )
    for (const client of theirs) client.close('revoked')
    return theirs.length
  }

  restore(name: string = EVERYBODY): void {
    this.#put({ ...this.#known(name), revokedAt: null })
  }

  /** @throws HubError `forbidden` when the agent is locked out */
  refuseRevoked(name: string): void {
    const all = this.#agents.get(EVERYBODY)?.revokedAt ?? null
    if (all === null && (this.#agents.get(name)?.revokedAt ?? null) === null) return
    const who = all === null ? name : ''
    throw new HubError('forbidden', `The agent ${name} was locked out of this hub.`, {
      reason: 'revoked',
      agent: name,
      next: `Do not try again. Only your person can let you in: codex-hub mcp restore ${who}`.trim(),
    })
  }

  /** An agent came in. */
  meet(name: string): void {
    this.#put(this.#known(name))
  }

  grantsOf(name: string): readonly Grant[] {
    return this.#agents.get(name)?.grants ?? []
  }

  #known(name: string): StoredAgent {
    const known = this.#agents.get(name)
    return (
      known ?? { name, grants: [], tokenDigest: null, createdAt: this.#ports.clock.now(), revokedAt: null }
    )
  }

  #put(agent: StoredAgent): StoredAgent {
    if (this.#agents.get(agent.name) === agent) return agent
    this.#agents.set(agent.name, agent)
    this.#ports.store.write({ kind: 'agent', agent })
    return agent
  }
}

function shown({ tokenDigest, ...agent }: StoredAgent): Agent {
  return { ...agent, grants: [...agent.grants], hasToken: tokenDigest !== null }
}
