/**
 * How a page comes in: it posts a token once and gets a cookie that its scripts cannot read. A ticket stands for a
 * token for a minute and once, where the token itself would be seen by others, as in the arguments of a process.
 */
import { randomBytes } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../base/clock.ts'
import { bearerOf, cookieName, type Tokens } from './tokens.ts'

const TICKET_MS = 60_000
const MOST_TICKETS = 100
/** A browser that was away for longer asks for the token again. */
const COOKIE_SECONDS = 90 * 24 * 3600

export class Tickets {
  readonly #clock: Clock
  readonly #open = new Map<string, { token: string; endsAt: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  mint(token: string): string {
    for (const [ticket, { endsAt }] of this.#open)
      if (endsAt <= this.#clock.now() || this.#open.size >= MOST_TICKETS) this.#open.delete(ticket)
    const ticket = randomBytes(24).toString('base64url')
    this.#open.set(ticket, { token, endsAt: this.#clock.now() + TICKET_MS })
    return ticket
  }

  /** The token it stands for, once. */
  take(ticket: string): string | null {
    const found = this.#open.get(ticket)
    this.#open.delete(ticket)
    return found && found.endsAt > this.#clock.now() ? found.token : null
  }
}

export function addLogin(app: FastifyInstance, tokens: Tokens, tickets: Tickets): void {
  const open = { config: { isOpen: true } }
  app.post('/login', open, (request, reply) => {
    const bearer = bearerOf(request.headers)
    const token = bearer !== null && tokens.scopesOf(bearer) === null ? tickets.take(bearer) : bearer
    if (token === null || tokens.scopesOf(token) === null) {
      return reply
        .code(401)
        .send({ error: 'This is not the token of this hub, or its link was used before.' })
    }
    return setCookie(request, reply, token, COOKIE_SECONDS)
  })
  app.post('/logout', open, (request, reply) => setCookie(request, reply, '', 0))
  app.post('/ticket', (request) => ({ ticket: tickets.mint(bearerOf(request.headers) ?? '') }))
}

function setCookie(request: FastifyRequest, reply: FastifyReply, value: string, seconds: number) {
  const parts = [
    `${cookieName(request.raw)}=${value}`,
    // Cookies are shared by all ports of a host: other servers of this machine get it for this path at most.
    'Path=/ws',
    `Max-Age=${seconds}`,
    'HttpOnly',
    'SameSite=Strict',
    ...(request.headers.origin?.startsWith('https:') ? ['Secure'] : []),
  ]
  return reply.code(204).header('set-cookie', parts.join('; ')).send()
}
