/**
 * Who may come in. One token of full scope is made at first run (0600); others are configured with fewer scopes.
 * Tokens are compared by digest, in constant time, and never logged.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { type Scope, scopeSchema } from '../../protocol/methods/shape.ts'
import { SUBPROTOCOL_BEARER_PREFIX } from '../../protocol/version.ts'

export const ALL_SCOPES: readonly Scope[] = scopeSchema.options

interface Grant {
  readonly name: string
  readonly digest: Buffer
  readonly scopes: readonly Scope[]
}

/** The hub's own token: read from `<folder>/token`, or made. */
export function readOwnToken(folder: string): string {
  const file = join(folder, 'token')
  try {
    const token = readFileSync(file, 'utf8').trim()
    if (token.length >= 20) {
      if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600)
      return token
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const token = randomBytes(32).toString('base64url')
  writeFileSync(file, `${token}\n`, { mode: 0o600 })
  return token
}

export class Tokens {
  readonly #grants: readonly Grant[]

  constructor(grants: readonly { name: string; token: string; scopes: readonly Scope[] }[]) {
    this.#grants = grants.map(({ name, token, scopes }) => ({ name, digest: digestOf(token), scopes }))
  }

  /** Scopes of a token, or null. */
  scopesOf(token: string | null): readonly Scope[] | null {
    return token === null ? null : (this.holderOf(token)?.scopes ?? null)
  }

  /** What a token is called, and its scopes. */
  holderOf(token: string): { readonly name: string; readonly scopes: readonly Scope[] } | null {
    const digest = digestOf(token)
    let holder: Grant | null = null
    for (const grant of this.#grants) if (timingSafeEqual(grant.digest, digest)) holder = grant
    return holder
  }
}

export function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

/** Cookies are shared by all ports of a host, and hubs on two ports must not log each other's pages out. */
export function cookieName({
  socket,
}: {
  readonly socket: { readonly localPort?: number | undefined }
}): string {
  return `codex_hub_token_${socket.localPort}`
}

/** The token in `Authorization: Bearer`. */
export function bearerOf({ authorization }: IncomingMessage['headers']): string | null {
  return authorization?.match(/^Bearer\s+(\S+)$/i)?.[1] ?? null
}

/** The token a request carries: `Authorization: Bearer`, a bearer subprotocol, or the page's cookie. */
export function tokenOf(request: IncomingMessage): string | null {
  const { headers } = request
  const bearer = bearerOf(headers)
  if (bearer) return bearer
  const protocols = String(headers['sec-websocket-protocol'] ?? '')
  for (const protocol of protocols.split(',')) {
    const name = protocol.trim()
    if (name.startsWith(SUBPROTOCOL_BEARER_PREFIX)) return name.slice(SUBPROTOCOL_BEARER_PREFIX.length)
  }
  // A browser adds the cookie by itself, whoever made the request: it counts only where `Origin` was there to be checked.
  if (headers.origin === undefined) return null
  const own = cookieName(request)
  for (const pair of headers.cookie?.split(';') ?? []) {
    const [name, value] = pair.trim().split('=', 2)
    if (name === own && value) return value
  }
  return null
}
