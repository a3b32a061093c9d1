/**
 * What agents do in a hub: each call of theirs is written down, one row, and each command held against what they may do.
 * **Invariant:** a command of an agent is carried out only within a call that has been written down, and only as far as
 * `gate.ts` lets it; the bridge that brings it is not asked.
 */
import type { StoredAgent } from '../../persistence/stored.ts'
import type { AuditRow, Origin } from '../../protocol/agent.ts'
import { HubError } from '../../protocol/errors.ts'
import type { MethodName, ReadParamsOf } from '../../protocol/methods.ts'
import type { Client } from '../client/client.ts'
import type { Config } from '../config.ts'
import { ALL_SCOPES } from '../http/tokens.ts'
import type { Ledger } from '../ledger.ts'
import type { Registry } from '../registry.ts'
import { AGENT_COMMANDS, type Asker, depthOf } from './gate.ts'
import { Limits } from './limits.ts'
import { childAbove } from './own-process.ts'
import {
  type CreationLimits,
  forbidden,
  type Params,
  permitCreation,
  permitDecision,
  permitOperation,
} from './permissions.ts'
import { Roster, type RosterPorts } from './roster.ts'
import { type AgentCall, AgentSeat, callIdOf } from './seat.ts'

export interface AgentsPorts extends RosterPorts {
  readonly registry: Registry
  readonly ledger: Ledger
  readonly config: Config['agents']
}

type Hello = NonNullable<ReadParamsOf<'hub/hello'>['agent']>
type Begin = ReadParamsOf<'agent/begin'>

const MINUTE_MS = 60_000

export class Agents {
  readonly #ports: AgentsPorts
  readonly roster: Roster
  readonly #calls: Limits
  readonly #creationLimits: CreationLimits

  constructor(ports: AgentsPorts, stored: readonly StoredAgent[]) {
    this.#ports = ports
    this.roster = new Roster(ports, stored)
    this.#calls = new Limits(ports.clock, ports.config.callsPerMinute, MINUTE_MS)
    const { maxDepth, sessionsPerHour } = ports.config
    const creations = new Limits(ports.clock, sessionsPerHour, 60 * MINUTE_MS)
    this.#creationLimits = { maxDepth, sessionsPerHour, creations }
  }

  /** Seat a connection as an agent; it will be able to do what the agent may, and no more than its token. */
  async admit(client: Client, { name, scopes, grants, process }: Hello): Promise<void> {
    if (client.agent && client.agent.agent !== name) {
      throw new HubError('forbidden', `This connection speaks for ${client.agent.agent} already.`)
    }
    if (grants.length > 0 && !client.scopes.has('admin')) {
      throw new HubError('forbidden', 'Only a token of scope "admin" grants an agent more than it has.')
    }
    this.roster.refuseRevoked(name)
    const { ledger } = this.#ports
    const child = process ? await childAbove(process, ledger.processes) : null
    // Whoever was locked out in that moment had no seat yet whose connection could be closed.
    this.roster.refuseRevoked(name)
    this.roster.meet(name)
    const allowed = (scopes ?? ALL_SCOPES).filter((scope) => scope !== 'admin')
    client.narrow(client.agent ?? new AgentSeat(name, grants, child), allowed)
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
    if (method === 'session/create')
      return permitCreation(asker, params, String(params.cwd), this.#creationLimits)
    const session = this.#ports.registry.get(String(params.sessionId))
    const { summary } = session
    if (method === 'session/fork') {
      return permitCreation(asker, params, String(params.cwd ?? summary.cwd), this.#creationLimits)
    }
    if (method === 'approval/decide') {
      permitDecision(asker, summary)
      return params
    }
    // What is put away can be brought back, and nothing else.
    if (method !== 'session/unarchive') session.refuseIfObserved()
    permitOperation(asker, summary)
    if ('settings' in params && Object.keys(params.settings as object).length > 0) {
      throw forbidden('What a session runs with is for people to change.', { reason: 'settings' })
    }
    if (params.cwd !== undefined)
      throw forbidden('The folder of a session is for people to change.', { reason: 'cwd' })
    return params
  }

  #askerOf(seat: AgentSeat, { callers }: AgentCall): Asker {
    const granted = this.roster.grantsOf(seat.agent)
    const { registry } = this.#ports
    const isUnsure = callers.length === 0 && seat.sharedProcessId !== null
    const there = isUnsure
      ? [...registry.sessions].filter(({ connector }) => connector?.instance === seat.sharedProcessId)
      : []
    return {
      agent: seat.agent,
      grants: [...granted, ...seat.grants],
      callers,
      among: there.map(({ id }) => id),
      summaryOf: (id) => registry.sessionOrNull(id)?.summary ?? null,
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
}
