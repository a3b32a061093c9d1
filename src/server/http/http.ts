/**
 * The hub's one port: HTTP routes through fastify and the WebSocket upgrade beside them. Every request is checked for
 * Host, Origin and token before anything else looks at it; only the page's files and its login are open without a token.
 */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import fastify, { type FastifyError, type FastifyInstance } from 'fastify'
import { WebSocketServer } from 'ws'
import { CLOSE_CODES } from '../../protocol/close-codes.ts'
import { CODECS, codecFor } from '../../protocol/codec.ts'
import type { Scope } from '../../protocol/methods/shape.ts'
import { MAX_INBOUND_BYTES } from '../../protocol/version.ts'
import type { Config } from '../config.ts'
import type { HubRooms } from '../rooms.ts'
import { statusOf } from '../status.ts'
import { type AgentDoor, addAgentDoor } from './agent-door.ts'
import { addLogin, Tickets } from './login.ts'
import { makeMetrics } from './metrics.ts'
import { whyForeign } from './origin.ts'
import { addPage, SECURITY_HEADERS } from './page.ts'
import { type Tokens, tokenOf } from './tokens.ts'

export interface HttpDoor {
  readonly url: string
  close(): Promise<void>
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answered without a token; Host and Origin are checked all the same. */
    isOpen?: boolean
  }
}

const SOCKET_PATH = '/ws'

/** Listen. @throws with `code: 'EADDRINUSE'` when the port is taken. */
export async function openHttp(
  rooms: HubRooms,
  config: Config,
  tokens: Tokens,
  pageFolder: string,
  makeAgentDoor: (url: string) => AgentDoor | null,
): Promise<HttpDoor> {
  const app = fastify({ logger: false, forceCloseConnections: true })
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ ...SECURITY_HEADERS, 'cache-control': 'no-store' })
    const { isOpen = false, isForAgents = false } = request.routeOptions.config
    // Its own tokens are looked at there.
    if (isForAgents) return
    const refusal = whyRefused(request.raw, config, isOpen ? null : tokens)
    if (refusal) return reply.code(refusal.status).send({ error: refusal.why })
  })
  app.setNotFoundHandler((request, reply) => {
    const refusal = whyRefused(request.raw, config, tokens)
    if (refusal) return reply.code(refusal.status).send({ error: refusal.why })
    return reply.code(404).send({ error: `Nothing is at ${request.method} ${request.url.split('?')[0]}.` })
  })
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const { statusCode = 500, message } = error
    if (statusCode < 500) return reply.code(statusCode).send({ error: message })
    rooms.log.error({ err: error, path: request.url.split('?')[0] }, 'an HTTP request failed')
    return reply.code(500).send({ error: 'The hub failed on this request; see its log.' })
  })
  addRoutes(app, rooms)
  addPage(app, pageFolder)
  addLogin(app, tokens, new Tickets(rooms.clock))
  let agentDoor: AgentDoor | null = null
  addAgentDoor(app, { config, tokens, agents: rooms.agents }, () => agentDoor)
  const sockets = acceptSockets(app, rooms, config, tokens)
  const address = await app.listen({ port: config.port, host: config.host })
  agentDoor = makeAgentDoor(loopbackOf(address, config))
  return {
    url: address,
    async close() {
      await agentDoor?.close()
      sockets.close()
      await app.close()
    },
  }
}

function addRoutes(app: FastifyInstance, rooms: HubRooms): void {
  let metrics: ReturnType<typeof makeMetrics> | null = null
  app.get('/health', async () => ({ ok: true, ...(await statusOf(rooms)) }))
  app.get('/metrics', async (_request, reply) => {
    // Not before somebody asks: to observe the event loop wakes an idle process a hundred times a second.
    metrics ??= makeMetrics(rooms)
    reply.header('content-type', metrics.contentType)
    return metrics.metrics()
  })
}

function acceptSockets(
  app: FastifyInstance,
  rooms: HubRooms,
  config: Config,
  tokens: Tokens,
): WebSocketServer {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_INBOUND_BYTES,
    perMessageDeflate: false,
    // Only the encoding is ever selected: echoing a bearer subprotocol would put the token into a response header.
    handleProtocols: (offered) => CODECS.find((codec) => offered.has(codec.name))?.name ?? false,
  })
  app.server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const path = request.url?.split('?')[0]
    const refusal =
      path === SOCKET_PATH
        ? whyRefused(request, config, tokens)
        : { status: 404, why: `Sockets are at ${SOCKET_PATH}.` }
    if (refusal?.status === 401 && isFromBrowser(request)) {
      // A page cannot see the status of a refused upgrade and would come back for ever.
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        const { code } = CLOSE_CODES.unauthorized
        webSocket.on('error', () => webSocket.terminate())
        webSocket.close(code, 'unauthorized')
      })
      return
    }
    if (refusal) {
      rooms.log.warn({ status: refusal.status, why: refusal.why }, 'a socket was refused')
      socket.end(
        `HTTP/1.1 ${refusal.status} ${REASONS[refusal.status] ?? 'Refused'}\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n${refusal.why}\n`,
      )
      return
    }
    const scopes = tokens.scopesOf(tokenOf(request)) as readonly Scope[]
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      rooms.clients.accept({ webSocket, line: socket }, codecFor(webSocket.protocol), scopes)
    })
  })
  return sockets
}

function isFromBrowser(request: IncomingMessage): boolean {
  const { authorization, origin } = request.headers
  return authorization === undefined && (origin !== undefined || tokenOf(request) !== null)
}

const REASONS: Record<number, string> = { 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found' }

/** Why a request is not answered; without `tokens`, whether it has one is not asked. */
function whyRefused(
  request: IncomingMessage,
  config: Config,
  tokens: Tokens | null,
): { status: number; why: string } | null {
  const why = whyForeign(request, config)
  if (why !== null) return { status: 403, why }
  if (tokens === null || tokens.scopesOf(tokenOf(request)) !== null) return null
  return {
    status: 401,
    why: 'A token is needed: "Authorization: Bearer <token>". It is in the file "token" of the data folder.',
  }
}

/** Where the hub reaches itself: an address that stands for all of them names none. */
function loopbackOf(address: string, { host }: Config): string {
  return ['0.0.0.0', '::'].includes(host) ? `http://127.0.0.1:${new URL(address).port}` : address
}
