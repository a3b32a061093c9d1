/**
 * The bridge over Streamable HTTP: one conversation of MCP a session of the transport, each with a bridge and a hub
 * connection of its own. Who comes in, and as which agent, was decided before.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { isInitializeRequest } from '@modelcontextprotocol/sdk/types.js'
import type { Scope } from '../protocol/methods/shape.ts'
import { Bridge } from './bridge.ts'
import { type HubAddress, HubLink } from './hub-link.ts'

interface Visitor {
  readonly name: string
  readonly scopes: readonly Scope[]
}

interface Conversation {
  readonly agent: string
  readonly transport: StreamableHTTPServerTransport
  readonly bridge: Bridge
  /** Requests under way; a stream of notifications is one. */
  open: number
  usedAt: number
}

/** Past this many the one that was silent for longest gives way. */
const MOST_CONVERSATIONS = 64
/** A conversation nobody has used for so long is over; the client begins another. Milliseconds. */
const IDLE_MS = 30 * 60_000
const SWEEP_MS = 60_000

export interface HttpBridgeOptions {
  readonly address: HubAddress
  readonly version: string
}

export class HttpBridge {
  readonly #options: HttpBridgeOptions
  readonly #conversations = new Map<string, Conversation>()
  readonly #sweep: NodeJS.Timeout

  constructor(options: HttpBridgeOptions) {
    this.#options = options
    this.#sweep = setInterval(() => this.#endIdle(), SWEEP_MS)
    this.#sweep.unref()
  }

  async handle(
    request: IncomingMessage,
    response: ServerResponse,
    body: unknown,
    visitor: Visitor,
  ): Promise<void> {
    const id = request.headers['mcp-session-id']
    if (id === undefined && request.method === 'POST' && isInitializeRequest(body)) {
      await this.#begin(visitor).transport.handleRequest(request, response, body)
      return
    }
    const known = typeof id === 'string' ? this.#conversations.get(id) : undefined
    // Another agent's conversation is none at all.
    if (!known || known.agent !== visitor.name) {
      refuse(response, id === undefined ? 400 : 404)
      return
    }
    known.open += 1
    response.once('close', () => {
      known.open -= 1
      known.usedAt = Date.now()
    })
    await known.transport.handleRequest(request, response, body)
  }

  async close(): Promise<void> {
    clearInterval(this.#sweep)
    await Promise.all([...this.#conversations.values()].map(({ bridge }) => bridge.close()))
  }

  #begin({ name, scopes }: Visitor): Conversation {
    const { address, version } = this.#options
    this.#makeRoom()
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void this.#conversations.set(id, conversation),
    })
    const link = new HubLink({
      address: () => address,
      client: { id: `mcp-http-${name}`, name, version },
      agent: { name, scopes: [...scopes] },
    })
    const bridge = new Bridge({ link, version, cwd: null })
    const conversation: Conversation = { agent: name, transport, bridge, open: 0, usedAt: Date.now() }
    void bridge.serve(transport).finally(() => {
      link.close()
      if (transport.sessionId !== undefined) this.#conversations.delete(transport.sessionId)
    })
    return conversation
  }

  #makeRoom(): void {
    if (this.#conversations.size < MOST_CONVERSATIONS) return
    const idlest = [...this.#conversations.values()].toSorted(
      (a, b) => Math.sign(a.open - b.open) || a.usedAt - b.usedAt,
    )[0]
    void idlest?.bridge.close()
  }

  #endIdle(): void {
    const before = Date.now() - IDLE_MS
    for (const { open, usedAt, bridge } of this.#conversations.values()) {
      if (open === 0 && usedAt < before) void bridge.close()
    }
  }
}

function refuse(response: ServerResponse, status: 400 | 404): void {
  const message =
    status === 404
      ? 'This conversation is over or not yours; begin another with an initialize request without Mcp-Session-Id.'
      : 'Begin with an initialize request; after that send its Mcp-Session-Id along.'
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ jsonrpc: '2.0', error: { code: -32_000, message }, id: null }))
}
