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

export const COOKIE = 'codex_hub_token'
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
    if (token === null) return null
    const digest = digestOf(token)
    let scopes: readonly Scope[] | null = null
    for (const grant of this.#grants) if (timingSafeEqual(grant.digest, digest)) scopes = grant.scopes
    return scopes
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

/** The token a request carries: `Authorization: Bearer`, a bearer subprotocol, or the page's cookie. */
export function tokenOf(request: Pick<IncomingMessage, 'headers'>): string | null {
  const { authorization, cookie } = request.headers
  const bearer = authorization?.match(/^Bearer\s+(\S+)$/i)?.[1]
  if (bearer) return bearer
  const protocols = String(request.headers['sec-websocket-protocol'] ?? '')
  for (const protocol of protocols.split(',')) {
    const name = protocol.trim()
    if (name.startsWith(SUBPROTOCOL_BEARER_PREFIX)) return name.slice(SUBPROTOCOL_BEARER_PREFIX.length)
  }
  for (const pair of cookie?.split(';') ?? []) {
    const [name, value] = pair.trim().split('=', 2)
    if (name === COOKIE && value) return value
  }
  return null
}
