/** The place of one connection that speaks for an agent: its name, what it may do here, and the calls it has under way. */
import type { ProcessRecord } from '../../connectors/driver.ts'
import type { Grant } from '../../protocol/agent.ts'

/** A call of a tool. */
export interface AgentCall {
  readonly id: string
  readonly at: number
  readonly tool: string
  readonly sessionId: string | null
  /** Sessions the caller is, the surest first. */
  readonly callers: readonly string[]
}

export class AgentSeat {
  readonly agent: string
  /** For this connection, beyond what the agent was granted for good. */
  readonly grants: readonly Grant[]
  /** The session that started the bridge's process; null where it is none of this hub. */
  readonly processSessionId: string | null
  /** The process of several sessions that it comes from; null where it is none of those. */
  readonly sharedProcessId: string | null
  readonly calls = new Map<string, AgentCall>()

  constructor(agent: string, grants: readonly Grant[], child: ProcessRecord | null) {
    this.agent = agent
    this.grants = grants
    this.processSessionId = child?.sessionId ?? null
    this.sharedProcessId = child?.sharedBy ? child.id : null
  }
}

/** The call a command belongs to: `<call id>:<number>` is how bridges name their commands. */
export function callIdOf(commandId: string): string {
  return commandId.split(':', 1)[0] ?? commandId
}
