/** Page tokens: a place in a list, opaque to clients. A token is bound to the kind of list it came from. */
import { StoreError } from './store-error.ts'

export type TokenKind =
  | 'sessions'
  | 'itemsNewestFirst'
  | 'itemsOldestFirst'
  | 'turns'
  | 'turnsOldestFirst'
  | 'approvals'
  | 'approvalsOldestFirst'
  | 'search'
  | 'audit'

type Place = readonly (number | string)[]

/** For example `eyJ…`: JSON of the kind and the key of the last row shown, in base64url. */
export function makePageToken(kind: TokenKind, place: Place): string {
  return Buffer.from(JSON.stringify([kind, ...place])).toString('base64url')
}

/** The `[updatedAt, id]` of a token of the session list. @throws StoreError `invalidPageToken`. */
export function readSessionToken(token: string | undefined): readonly [number, string] | null {
  if (token === undefined) return null
  const [updatedAt, id, ...rest] = readPlace('sessions', token)
  if (typeof updatedAt !== 'number' || typeof id !== 'string' || rest.length > 0) throw invalid(token)
  return [updatedAt, id]
}

/** The number in a token of any other list. @throws StoreError `invalidPageToken`. */
export function readNumberToken(
  kind: Exclude<TokenKind, 'sessions'>,
  token: string | undefined,
): number | null {
  if (token === undefined) return null
  const [place, ...rest] = readPlace(kind, token)
  if (typeof place !== 'number' || rest.length > 0) throw invalid(token)
  return place
}

function readPlace(kind: TokenKind, token: string): unknown[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(Buffer.from(token, 'base64url').toString())
  } catch (cause) {
    throw invalid(token, cause)
  }
  if (!Array.isArray(parsed) || parsed[0] !== kind) throw invalid(token)
  return parsed.slice(1)
}

function invalid(token: string, cause?: unknown): StoreError {
  const message = 'The page token is not one this list gave out. Start again without a token.'
  return new StoreError('invalidPageToken', message, { pageToken: token.slice(0, 200) }, { cause })
}
