/**
 * The place of the MCP bridge on the hub's port: `/mcp`. The hub decides here who comes in and as which agent; what is
 * spoken there is the affair of whoever the hub was given, since the hub knows no bridge.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { isHubError } from '../../protocol/errors.ts'
import type { Scope } from '../../protocol/methods/shape.ts'
import { MAX_INBOUND_BYTES } from '../../protocol/version.ts'
import type { Agents } from '../agents/agents.ts'
import type { Config } from '../config.ts'
import { whyForeign } from './origin.ts'
import { bearerOf, type Tokens } from './tokens.ts'

/** An agent at the door, and the most it may do. */
export interface Visitor {
  readonly name: string
  readonly scopes: readonly Scope[]
}

export interface AgentDoor {
  handle(request: IncomingMessage, response: ServerResponse, body: unknown, visitor: Visitor): Promise<void>
  close(): Promise<void>
}

/** What an agent door is made with: the way back into the hub. */
export interface AgentDoorSite {
  readonly url: string
  readonly token: string
}

export const AGENT_PATH = '/mcp'

declare module 'fastify' {
  interface FastifyRequest {
    visitor: Visitor | null
  }
  interface FastifyContextConfig {
    /** Open to agents, also with tokens that open nothing else. */
    isForAgents?: boolean
  }
}

/** @param door made once the hub listens; asked for at each request */
export function addAgentDoor(
  app: FastifyInstance,
  { config, tokens, agents }: { config: Config; tokens: Tokens; agents: Agents },
  door: () => AgentDoor | null,
): void {
  app.decorateRequest('visitor', null)
  app.route({
    method: ['GET', 'POST', 'DELETE'],
    url: AGENT_PATH,
    bodyLimit: MAX_INBOUND_BYTES,
    config: { isForAgents: true },
    onRequest: async (request, reply) => {
      const why = whyForeign(request.raw, config)
      if (why !== null) return reply.code(403).send({ error: why })
      const visitor = visitorOf(bearerOf(request.headers), tokens, agents)
      if (!visitor) {
        reply.header('www-authenticate', 'Bearer')
        const error =
          'A token is needed: "Authorization: Bearer <token>". "codex-hub mcp token <agent>" makes one.'
        return reply.code(401).send({ error })
      }
      try {
        agents.roster.refuseRevoked(visitor.name)
      } catch (error) {
        if (!isHubError(error)) throw error
        return reply.code(403).send({ error: error.message })
      }
      request.visitor = visitor
    },
    handler: async (request, reply) => {
      const open = door()
      if (!open) return reply.code(404).send({ error: 'This hub serves no agents over HTTP.' })
      reply.hijack()
      await open.handle(request.raw, reply.raw, request.body, request.visitor as Visitor)
    },
  })
}

/** Whose token it is: the hub's own, one of its configuration, or an agent's. */
function visitorOf(token: string | null, tokens: Tokens, agents: Agents): Visitor | null {
  if (token === null) return null
  const known = tokens.holderOf(token)
  // A name of the configuration may be any text.
  if (known) return { name: known.name.replace(/[^\w.@-]/g, '-').slice(0, 60), scopes: known.scopes }
  const name = agents.roster.byToken(token)
  return name === null ? null : { name, scopes: ['view', 'operate', 'approve'] }
}
