/**
 * One agent's MCP server: takes its calls to the hub and brings back answers it can act on. It knows tools only by their
 * table and the hub only through the SDK. What an agent may do is decided in the hub; nothing here makes it more.
 */
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import {
  CallToolRequestSchema,
  type CallToolResult,
  ErrorCode,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { z } from 'zod'
import type { HubClient } from '../client/client.ts'
import { type CallAbout, type CallContext, CallFailedError, withinCall } from './account.ts'
import { BadArgumentsError, type Failure, failureText } from './failure.ts'
import type { HubLink } from './hub-link.ts'
import { getPrompt, listPrompts } from './prompts.ts'
import { LIST_URI, listResources, ResourceNews, readResource, TEMPLATES } from './resources.ts'
import type { Tool, ToolCall } from './tool.ts'
import { TOOLS } from './tools/all.ts'
import { UNTRUSTED_NOTE } from './untrusted.ts'

export interface BridgeOptions {
  readonly link: HubLink
  readonly version: string
  /** Where sessions are made when no folder is named; null where only the caller can say. */
  readonly cwd: string | null
}

const INSTRUCTIONS = `codex-hub: the Codex sessions of this machine. list_sessions shows them, what needs somebody first; get_session reads one; create_session and send_message give work and wait for it. ${UNTRUSTED_NOTE}`

/** Where a failed call has its error: clients hold `structuredContent` against the tool's schema also then. */
export const ERROR_KEY = 'codex-hub/error'

/** What the SDK hands to a handler, as far as it is used. */
interface Extra {
  readonly signal: AbortSignal
  readonly _meta?: Record<string, unknown> | undefined
  sendNotification(notification: {
    method: 'notifications/progress'
    params: { progressToken: string | number; progress: number; total: number; message: string }
  }): Promise<void>
}

export class Bridge {
  readonly #options: BridgeOptions
  readonly #server: Server
  readonly #tools = new Map(TOOLS.map((tool) => [tool.name, tool]))
  readonly #news = new ResourceNews({
    // A client that is gone is noticed elsewhere.
    updated: (uri) => void this.#server.sendResourceUpdated({ uri }).catch(() => {}),
    listChanged: () => void this.#server.sendResourceListChanged().catch(() => {}),
  })

  constructor(options: BridgeOptions) {
    this.#options = options
    const capabilities = { tools: {}, prompts: {}, resources: { subscribe: true, listChanged: true } }
    this.#server = new Server(
      { name: 'codex-hub', title: 'codex-hub', version: options.version },
      { capabilities, instructions: INSTRUCTIONS },
    )
    this.#answerTools()
    this.#answerResources()
    this.#server.setRequestHandler(ListPromptsRequestSchema, () => ({ prompts: listPrompts() }))
    this.#server.setRequestHandler(GetPromptRequestSchema, ({ params }) =>
      getPrompt(params.name, params.arguments),
    )
  }

  /** Resolves when the other side is gone. */
  async serve(transport: Transport): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.onclose = resolve
    })
    // Without a hub there is no news; the first call says so.
    this.#server.oninitialized = () => void this.#hub().catch(() => {})
    await this.#server.connect(transport)
    await closed
    this.#news.close()
  }

  close(): Promise<void> {
    return this.#server.close()
  }

  #answerTools(): void {
    this.#server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: TOOLS.map(listed) }))
    this.#server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
      const { name, arguments: args = {} } = params
      try {
        return await this.#within({ tool: name, sessionId: args.sessionId }, extra, (call, note) =>
          this.#use(name, args, call, note),
        )
      } catch (error) {
        if (error instanceof CallFailedError) return failed(error.failure)
        throw error
      }
    })
  }

  async #use(
    name: string,
    args: unknown,
    call: ToolCall,
    note: (sessionId: unknown) => void,
  ): Promise<CallToolResult> {
    const tool = this.#tools.get(name)
    if (!tool) {
      throw new BadArgumentsError(
        `There is no tool ${name}. There are: ${[...this.#tools.keys()].join(', ')}.`,
      )
    }
    const parsed = tool.input.safeParse(args)
    if (!parsed.success) throw new BadArgumentsError(`${name}: ${z.prettifyError(parsed.error)}`)
    const { structured, text } = await tool.run(call, parsed.data)
    note((structured.session as { id?: unknown } | undefined)?.id)
    return { content: [{ type: 'text', text }], structuredContent: structured as Record<string, unknown> }
  }

  #answerResources(): void {
    const server = this.#server
    server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({ resourceTemplates: TEMPLATES }))
    server.setRequestHandler(ListResourcesRequestSchema, async (_request, extra) => ({
      resources: await this.#resource({ tool: 'resources/list' }, extra, listResources),
    }))
    server.setRequestHandler(ReadResourceRequestSchema, async ({ params: { uri } }, extra) => {
      const about = { tool: 'resources/read', sessionId: uri.slice(LIST_URI.length + 1) || undefined }
      const text = await this.#resource(about, extra, (call) => readResource(call, uri))
      return { contents: [{ uri, mimeType: 'text/markdown', text }] }
    })
    server.setRequestHandler(SubscribeRequestSchema, async ({ params: { uri } }, extra) => {
      await this.#resource({ tool: 'resources/subscribe' }, extra, () => this.#follow(uri))
      return {}
    })
    server.setRequestHandler(UnsubscribeRequestSchema, ({ params: { uri } }) => {
      this.#news.unfollow(uri)
      return {}
    })
  }

  async #follow(uri: string): Promise<void> {
    this.#news.follow(await this.#hub(), uri)
  }

  /** @throws McpError */
  async #resource<T>(about: CallAbout, extra: Extra, run: (call: ToolCall) => Promise<T>): Promise<T> {
    try {
      return await this.#within(about, extra, run)
    } catch (error) {
      if (!(error instanceof CallFailedError)) throw error
      const { failure } = error
      const code = failure.name === 'invalidArguments' ? ErrorCode.InvalidParams : ErrorCode.InternalError
      throw new McpError(code, failureText(failure), { ...failure })
    }
  }

  #within<T>(
    about: CallAbout,
    { signal, _meta: meta = {}, sendNotification }: Extra,
    run: (call: ToolCall, note: (sessionId: unknown) => void) => Promise<T>,
  ): Promise<T> {
    const token = meta.progressToken as string | number | undefined
    const context: CallContext = {
      signal,
      meta,
      progress: (progress, total, message) => {
        if (token === undefined) return
        const params = { progressToken: token, progress, total, message }
        sendNotification({ method: 'notifications/progress', params }).catch(() => {})
      },
    }
    return withinCall(() => this.#hub(), about, context, this.#options.cwd, run)
  }

  async #hub(): Promise<HubClient> {
    const hub = await this.#options.link.hub()
    this.#news.use(hub)
    return hub
  }
}

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
