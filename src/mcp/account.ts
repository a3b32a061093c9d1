/**
 * One call of an agent, from its beginning to its end in the hub's account. **Invariant:** nothing is asked of the hub
 * on behalf of an agent but within a call that was begun there; the hub refuses commands otherwise.
 */
import { randomUUID } from 'node:crypto'
import type { HubClient } from '../client/client.ts'
import type { ParamsOf } from '../protocol/methods.ts'
import { CANCELLED, type Failure, failureOf } from './failure.ts'
import type { ToolCall } from './tool.ts'

/** What a call brings along besides its arguments. */
export interface CallContext {
  readonly signal: AbortSignal
  /** `_meta` of the request. */
  readonly meta: Readonly<Record<string, unknown>>
  progress(done: number, total: number, message: string): void
}

export interface CallAbout {
  readonly tool: string
  readonly sessionId?: unknown
}

/** A failure that has been written down. */
export class CallFailedError extends Error {
  override readonly name = 'CallFailedError'
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.message)
    this.failure = failure
  }
}

/** A command starts a Codex at most; past this nobody knows whether it took effect. Milliseconds. */
const COMMAND_MS = 120_000
/** An answer is not held up for its account. Milliseconds. */
const END_MS = 2_000
const REFUSALS = ['forbidden', 'overloaded', 'refused']

/** Do something within a call. @throws CallFailedError */
export async function withinCall<T>(
  connect: () => Promise<HubClient>,
  { tool, sessionId }: CallAbout,
  context: CallContext,
  cwd: string | null,
  run: (call: ToolCall, note: (sessionId: unknown) => void) => Promise<T>,
): Promise<T> {
  const callId = `call_${randomUUID()}`
  let hub: HubClient | null = null
  let failure: Failure | null = null
  let noted: { sessionId?: string } = {}
  try {
    hub = await connect()
    const about = {
      callId,
      tool: tool.slice(0, 100),
      ...named('sessionId', sessionId),
      ...callerOf(context.meta),
    }
    const { caller } = await hub.request('agent/begin', about)
    const call = toolCall(hub, callId, caller?.cwd ?? cwd, context)
    return await run(call, (id) => {
      noted = named('sessionId', id)
    })
  } catch (error) {
    failure = context.signal.aborted ? CANCELLED : failureOf(error)
    throw new CallFailedError(failure)
  } finally {
    // One that cannot be told stays `begun`, which is what is known of it.
    const how = { callId, outcome: outcomeOf(failure), error: failure?.name ?? null, ...noted }
    await hub?.request('agent/end', how, { timeoutMs: END_MS }).catch(() => {})
  }
}

function toolCall(
  hub: HubClient,
  callId: string,
  cwd: string | null,
  { signal, progress }: CallContext,
): ToolCall {
  let commands = 0
  return {
    hub,
    signal,
    cwd,
    request: (method, params) => hub.request(method, params, { signal }),
    // Not given up with the call: a command half sent is worse than one done.
    command: (method, params) => {
      commands += 1
      // By this name the hub knows which call a command belongs to.
      const counted = { ...params, commandId: `${callId}:${commands}` } as typeof params
      return hub.command(method, counted, { timeoutMs: COMMAND_MS })
    },
    progress,
  }
}

/** What the caller's own Codex says of the thread that calls. Codex 0.169; the model has no hand in it. */
function callerOf({ threadId, sessionId }: CallContext['meta']): {
  threadId?: string
  rootThreadId?: string
} {
  return { ...named('threadId', threadId), ...named('rootThreadId', sessionId) }
}

const named = <Key extends string>(key: Key, value: unknown) =>
  (typeof value === 'string' && value.length <= 100 ? { [key]: value } : {}) as { [K in Key]?: string }

function outcomeOf(failure: Failure | null): ParamsOf<'agent/end'>['outcome'] {
  if (!failure) return 'done'
  if (failure.name === CANCELLED.name) return 'cancelled'
  return REFUSALS.includes(failure.name) ? 'refused' : 'failed'
}
