/**
 * One agent's MCP server: takes its calls to the hub and brings back answers it can act on. It knows tools only by their
 * table and the hub only through the SDK. What an agent may do is decided in the hub; nothing here makes it more.
 */
import { randomUUID } from 'node:crypto'
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import {
  CallToolRequestSchema,
  type CallToolResult,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
} from '@modelcontextprotocol/sdk/types.js'
import { z } from 'zod'
import type { HubClient } from '../client/client.ts'
import type { ParamsOf } from '../protocol/methods.ts'
import { BadArgumentsError, CANCELLED, type Failure, failureOf, failureText } from './failure.ts'
import type { HubLink } from './hub-link.ts'
import type { Tool, ToolCall } from './tool.ts'
import { TOOLS } from './tools/all.ts'
import { UNTRUSTED_NOTE } from './untrusted.ts'

type CallOutcome = ParamsOf<'agent/end'>['outcome']

export interface BridgeOptions {
  readonly link: HubLink
  readonly version: string
  /** Where sessions are made when no folder is named. */
  readonly cwd: string
}

/** A command starts a Codex at most; past this nobody knows whether it took effect. Milliseconds. */
const COMMAND_MS = 120_000

/** An answer is not held up for its account. Milliseconds. */
const END_MS = 2_000

const INSTRUCTIONS = `codex-hub: the Codex sessions of this machine. list_sessions shows them, what needs somebody first; get_session reads one; create_session and send_message give work and wait for it. ${UNTRUSTED_NOTE}`

/** What a call brings along besides its arguments. */
interface CallContext {
  readonly signal: AbortSignal
  readonly meta: Readonly<Record<string, unknown>>
  progress(done: number, total: number, message: string): void
}

export class Bridge {
  readonly #options: BridgeOptions
  readonly #server: Server
  readonly #tools = new Map(TOOLS.map((tool) => [tool.name, tool]))

  constructor(options: BridgeOptions) {
    this.#options = options
    this.#server = new Server(
      { name: 'codex-hub', title: 'codex-hub', version: options.version },
      { capabilities: { tools: {} }, instructions: INSTRUCTIONS },
    )
    this.#server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: TOOLS.map(listed) }))
    this.#server.setRequestHandler(CallToolRequestSchema, ({ params }, { signal, sendNotification }) => {
      const token = params._meta?.progressToken
      return this.#call(params.name, params.arguments ?? {}, {
        signal,
        meta: params._meta ?? {},
        progress: (progress, total, message) => {
          if (token === undefined) return
          const about = { progressToken: token, progress, total, message }
          // A caller that is gone is noticed elsewhere.
          sendNotification({ method: 'notifications/progress', params: about }).catch(() => {})
        },
      })
    })
  }

  /** Resolves when the other side is gone. */
  async serve(transport: Transport): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.onclose = resolve
    })
    await this.#server.connect(transport)
    await closed
  }

  close(): Promise<void> {
    return this.#server.close()
  }

  async #call(name: string, args: unknown, context: CallContext): Promise<CallToolResult> {
    const tool = this.#tools.get(name)
    if (!tool) {
      const known = [...this.#tools.keys()].join(', ')
      throw new McpError(ErrorCode.InvalidParams, `There is no tool "${name}". There are: ${known}.`)
    }
    const id = `call_${randomUUID()}`
    let hub: HubClient | null = null
    let outcome: CallOutcome = 'done'
    let failure: Failure | null = null
    let made: { sessionId?: string } = {}
    try {
      hub = await this.#options.link.hub()
      const about = { callId: id, tool: name, ...sessionOf(args), ...callerOf(context.meta) }
      const { caller } = await hub.request('agent/begin', about)
      const parsed = tool.input.safeParse(args)
      if (!parsed.success) throw new BadArgumentsError(`${name}: ${z.prettifyError(parsed.error)}`)
      const call = this.#toolCall(hub, id, caller?.cwd ?? this.#options.cwd, context)
      const { structured, text } = await tool.run(call, parsed.data)
      made = named('sessionId', (structured.session as { id?: unknown } | undefined)?.id)
      return { content: [{ type: 'text', text }], structuredContent: structured as Record<string, unknown> }
    } catch (error) {
      failure = context.signal.aborted ? CANCELLED : failureOf(error)
      outcome = outcomeOf(failure)
      return failed(failure)
    } finally {
      await end(hub, { callId: id, outcome, error: failure?.name ?? null, ...made })
    }
  }

  #toolCall(hub: HubClient, id: string, cwd: string, { signal, progress }: CallContext): ToolCall {
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
        const named = { ...params, commandId: `${id}:${commands}` } as typeof params
        return hub.command(method, named, { timeoutMs: COMMAND_MS })
      },
      progress,
    }
  }
}

/** What the caller's own Codex says of the thread that calls. Codex 0.169; the model has no hand in it. */
function callerOf({ threadId, sessionId }: CallContext['meta']): {
  threadId?: string
  rootThreadId?: string
} {
  return { ...named('threadId', threadId), ...named('rootThreadId', sessionId) }
}

function sessionOf(args: unknown): { sessionId?: string } {
  return named('sessionId', (args as { sessionId?: unknown } | null)?.sessionId)
}

const named = <Key extends string>(key: Key, value: unknown) =>
  (typeof value === 'string' && value.length <= 100 ? { [key]: value } : {}) as { [K in Key]?: string }

const REFUSALS = ['forbidden', 'overloaded', 'refused']

function outcomeOf({ name }: Failure): CallOutcome {
  if (name === CANCELLED.name) return 'cancelled'
  return REFUSALS.includes(name) ? 'refused' : 'failed'
}

/** Tell the hub how a call ended. One that cannot be told stays `begun`, which is what is known of it. */
async function end(hub: HubClient | null, how: ParamsOf<'agent/end'>): Promise<void> {
  await hub?.request('agent/end', how, { timeoutMs: END_MS }).catch(() => {})
}

/** Where a failed call has its error: clients hold `structuredContent` against the tool's schema also then. */
export const ERROR_KEY = 'codex-hub/error'

function failed(failure: Failure): CallToolResult {
  return {
    isError: true,
    content: [{ type: 'text', text: failureText(failure) }],
    _meta: { [ERROR_KEY]: { ...failure } },
  }
}

/** Draft 7 is what the SDKs of MCP read. */
function listed({ name, title, description, reads, destroys = false, input, output }: Tool) {
  const schemaOf = (schema: z.ZodType, io: 'input' | 'output') => {
    const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-7', io, unrepresentable: 'any' })
    return rest as { type: 'object' }
  }
  return {
    name,
    title,
    description,
    inputSchema: schemaOf(input, 'input'),
    outputSchema: schemaOf(output, 'output'),
    annotations: {
      title,
      readOnlyHint: reads,
      destructiveHint: destroys,
      idempotentHint: reads,
      // All there is to reach are sessions of this hub.
      openWorldHint: false,
    },
  }
}
