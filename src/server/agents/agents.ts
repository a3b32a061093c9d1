/**
 * The agents of a hub: who they are, whether they may come in, and what they may do. It keeps their account, one row a
 * call. **Invariant:** a command of an agent is carried out only within a call that has been written down, and only as
 * far as `gate.ts` lets it; the bridge that brings it is not asked.
 */
import { timingSafeEqual } from 'node:crypto'
import { realpath } from 'node:fs/promises'
import type { Clock } from '../../base/clock.ts'
import type { Store, StoredAgent } from '../../persistence/store.ts'
import type { Agent, AuditRow, Grant, Origin } from '../../protocol/agent.ts'
import { HubError } from '../../protocol/errors.ts'
import type { MethodName, ReadParamsOf } from '../../protocol/methods.ts'
import type { Client } from '../client/client.ts'
import type { Config } from '../config.ts'
import { ALL_SCOPES, digestOf } from '../http/tokens.ts'
import type { Ledger } from '../ledger.ts'
import type { Registry } from '../registry.ts'
import {
  AGENT_COMMANDS,
  type Asker,
  depthOf,
  isGranted,
  isInside,
  isOverAsker,
  isOwn,
  isWider,
  type Target,
  widestSandbox,
} from './gate.ts'
import { Limits } from './limits.ts'
import { sessionOfProcess } from './own-process.ts'
import { type AgentCall, AgentSeat, callIdOf } from './seat.ts'

export interface AgentsPorts {
  readonly store: Store
  readonly clock: Clock
  readonly registry: Registry
  readonly ledger: Ledger
  readonly config: Config['agents']
  /** Everybody who is connected. */
  clients(): Iterable<Client>
}

type Hello = NonNullable<ReadParamsOf<'hub/hello'>['agent']>
type Begin = ReadParamsOf<'agent/begin'>
type Params = Readonly<Record<string, unknown>>

/** Stands for all agents: while it is revoked none comes in. */
const EVERYBODY = '*'
const MINUTE_MS = 60_000

export class Agents {
  readonly #ports: AgentsPorts
  readonly #agents: Map<string, StoredAgent>
  readonly #calls: Limits
  readonly #creations: Limits

  constructor(ports: AgentsPorts, stored: readonly StoredAgent[]) {
    this.#ports = ports
    this.#agents = new Map(stored.map((agent) => [agent.name, agent]))
    this.#calls = new Limits(ports.clock, ports.config.callsPerMinute, MINUTE_MS)
    this.#creations = new Limits(ports.clock, ports.config.sessionsPerHour, 60 * MINUTE_MS)
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

  /** Seat a connection as an agent; it will be able to do what the agent may, and no more than its token. */
  async admit(client: Client, { name, scopes, grants, process }: Hello): Promise<void> {
    if (client.agent && client.agent.agent !== name) {
      throw new HubError('forbidden', `This connection speaks for ${client.agent.agent} already.`)
    }
    if (grants.length > 0 && !client.scopes.has('admin')) {
      throw new HubError('forbidden', 'Only a token of scope "admin" grants an agent more than it has.')
    }
    this.refuseRevoked(name)
    const { ledger } = this.#ports
    const sessionId = process ? await sessionOfProcess(process, ledger.processes) : null
    this.#put(this.#known(name))
    const allowed = (scopes ?? ALL_SCOPES).filter((scope) => scope !== 'admin')
    client.narrow(client.agent ?? new AgentSeat(name, grants, sessionId), allowed)
  }

  /** Write down that a call begins. @throws HubError `overloaded` when there were too many */
  begin(seat: AgentSeat, { callId, tool, sessionId, threadId, rootThreadId }: Begin) {
    const { registry, clock } = this.#ports
    const named = [threadId, rootThreadId].map((id) => (id === undefined ? null : registry.byThread(id)))
    const callers = [...named.map((session) => session?.id ?? null), seat.processSessionId].filter(
      (id, index, all): id is string => id !== null && all.indexOf(id) === index,
    )
    const call: AgentCall = { id: callId, at: clock.now(), tool, sessionId: sessionId ?? null, callers }
    const waitMs = this.#calls.take(seat.agent)
    if (waitMs > 0) {
      this.#writeDown(seat, call, { outcome: 'refused', error: 'overloaded' })
      throw new HubError('overloaded', `More than ${this.#ports.config.callsPerMinute} calls a minute.`, {
        reason: 'rateLimit',
        retryAfterMs: waitMs,
        next: `Wait ${Math.ceil(waitMs / 1_000)} s before the next call; use wait_for_session instead of asking again.`,
      })
    }
    seat.calls.set(callId, call)
    this.#writeDown(seat, call, { outcome: 'begun', error: null })
    const caller = callers[0] === undefined ? null : registry.sessionOrNull(callers[0])
    return { caller: caller && { sessionId: caller.id, cwd: caller.summary.cwd } }
  }

  /** Write down how a call ended. */
  async end(
    seat: AgentSeat,
    { callId, outcome, error, sessionId }: ReadParamsOf<'agent/end'>,
  ): Promise<void> {
    const call = await this.#callOf(seat, callId)
    if (!call) return
    seat.calls.delete(callId)
    this.#writeDown(seat, { ...call, sessionId: call.sessionId ?? sessionId ?? null }, { outcome, error })
  }

  /** What a session made by this command is said to come from; nothing where a person asked. */
  originOf({ agent: seat }: Client, commandId: string): Origin | undefined {
    const call = seat?.calls.get(callIdOf(commandId))
    if (!seat || !call) return undefined
    const asker = this.#askerOf(seat, call)
    return { agent: seat.agent, sessionId: call.callers[0] ?? null, depth: depthOf(asker) }
  }

  /** The parameters with which a command of an agent may be carried out. @throws HubError `forbidden`, `overloaded` … */
  async permit(seat: AgentSeat, method: MethodName, params: Params): Promise<Params> {
    if (!AGENT_COMMANDS.has(method)) {
      throw forbidden(`${method} is for people; no agent can do it.`, { reason: 'notForAgents', method })
    }
    const call = await this.#callOf(seat, callIdOf(String(params.commandId)))
    if (!call)
      throw forbidden('A command of an agent belongs to a call: agent/begin first.', { reason: 'noCall' })
    seat.calls.set(call.id, call)
    const asker = this.#askerOf(seat, call)
    if (method === 'session/create') return this.#permitCreation(asker, params, String(params.cwd))
    const session = this.#ports.registry.get(String(params.sessionId))
    const { summary } = session
    if (method === 'session/fork') {
      return this.#permitCreation(asker, params, String(params.cwd ?? summary.cwd))
    }
    if (method === 'approval/decide') {
      this.#permitDecision(asker, summary)
      return params
    }
    session.refuseIfObserved()
    this.#permitOperation(asker, summary)
    if ('settings' in params && Object.keys(params.settings as object).length > 0) {
      throw forbidden('What a session runs with is for people to change.', { reason: 'settings' })
    }
    if (params.cwd !== undefined)
      throw forbidden('The folder of a session is for people to change.', { reason: 'cwd' })
    return params
  }

  #permitDecision(asker: Asker, target: Target): void {
    if (isOverAsker(asker, target.id)) {
      throw forbidden('An agent never answers what its own session, or one that made it, waits for.', {
        reason: 'ownSession',
        sessionId: target.id,
        next: 'Do not try again, and do not have another session try. Your person answers this.',
      })
    }
    if (!isGranted(asker.grants, 'approve', target)) throw notGranted(asker.agent, 'approve', target)
  }

  #permitOperation(asker: Asker, target: Target): void {
    if (isOwn(asker, target.id) || isGranted(asker.grants, 'operate', target)) return
    throw notGranted(asker.agent, 'operate', target)
  }

  /**
   * A new session is no way around what holds for its maker: it stays in the maker's folder, in its sandbox, and in its
   * turn can make only so many more.
   */
  async #permitCreation(asker: Asker, params: Params, cwd: string): Promise<Params> {
    const { maxDepth, sessionsPerHour } = this.#ports.config
    const depth = depthOf(asker)
    if (depth > maxDepth) {
      throw forbidden(`Sessions that agents made may make others ${maxDepth} deep; this would be ${depth}.`, {
        reason: 'depth',
        depth,
        maxDepth,
        next: 'Do the work in this session.',
      })
    }
    const caller = asker.callers[0] === undefined ? null : asker.summaryOf(asker.callers[0])
    const target = { id: '', cwd: await realFolder(cwd) }
    if (caller) {
      const isHome = isInside(target.cwd, await realFolder(caller.cwd))
      const isFree = caller.settings.sandbox === 'danger-full-access'
      if (!isHome && !isFree && !isGranted(asker.grants, 'operate', target)) {
        throw notGranted(asker.agent, 'operate', target)
      }
    }
    const settings = { ...(params.settings as ReadParamsOf<'session/create'>['settings']) }
    if (!isGranted(asker.grants, 'unsandboxed', target)) {
      const widest = caller ? widestSandbox(caller) : 'workspace-write'
      // Left out, it would be whatever Codex is configured with, which may be wider than what the maker runs in.
      if (caller) settings.sandbox ??= widest
      if (settings.sandbox && isWider(settings.sandbox, widest)) {
        throw forbidden(`A session with the sandbox ${settings.sandbox} is more than this agent may make.`, {
          reason: 'sandbox',
          widest,
          next: `Ask for "${widest}" or less; only your person can grant more: codex-hub mcp allow ${asker.agent} unsandboxed`,
        })
      }
    }
    const waitMs = this.#creations.take(asker.agent)
    if (waitMs > 0) {
      throw new HubError('overloaded', `More than ${sessionsPerHour} new sessions an hour.`, {
        reason: 'rateLimit',
        retryAfterMs: waitMs,
        next: 'Send messages to sessions you have made before.',
      })
    }
    return { ...params, settings }
  }

  #askerOf(seat: AgentSeat, { callers }: AgentCall): Asker {
    const granted = this.#agents.get(seat.agent)?.grants ?? []
    return {
      agent: seat.agent,
      grants: [...granted, ...seat.grants],
      callers,
      summaryOf: (id) => this.#ports.registry.sessionOrNull(id)?.summary ?? null,
    }
  }

  /** A call under way here, or one that a hub before this one wrote down and did not see end. */
  async #callOf(seat: AgentSeat, callId: string): Promise<AgentCall | null> {
    const known = seat.calls.get(callId)
    if (known) return known
    const row = await this.#ports.store.loadAuditRow(callId)
    if (!row || row.agent !== seat.agent || row.outcome !== 'begun') return null
    const { at, tool, sessionId, callerSessionId } = row
    return { id: callId, at, tool, sessionId, callers: callerSessionId === null ? [] : [callerSessionId] }
  }

  #writeDown(seat: AgentSeat, call: AgentCall, end: Pick<AuditRow, 'outcome' | 'error'>): void {
    const { id, at, tool, sessionId, callers } = call
    const tookMs = end.outcome === 'begun' ? null : this.#ports.clock.now() - at
    const who = { agent: seat.agent, callerSessionId: callers[0] ?? null }
    this.#ports.store.write({ kind: 'audit', row: { id, at, tool, sessionId, ...who, ...end, tookMs } })
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

function forbidden(message: string, facts: Record<string, unknown>): HubError {
  return new HubError('forbidden', message, facts)
}

function notGranted(agent: string, scope: 'operate' | 'approve', { id, cwd }: Target): HubError {
  const which = id === '' ? `--project ${JSON.stringify(cwd)}` : `--session ${id}`
  const what = id === '' ? `to make sessions in ${cwd}` : `to ${scope} the session ${id}`
  return forbidden(`The agent ${agent} was not granted ${what}.`, {
    reason: 'notGranted',
    agent,
    needs: scope,
    next: `Do not try again. Tell your person what you wanted; they can grant it: codex-hub mcp allow ${agent} ${scope} ${which}`,
  })
}

/** Where a folder really is; one that does not exist is refused elsewhere. */
function realFolder(folder: string): Promise<string> {
  return realpath(folder).catch(() => folder)
}
