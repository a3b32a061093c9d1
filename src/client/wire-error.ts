/** Errors as a caller of the SDK meets them: the hub's own closed set rebuilt, and two that only a client knows. */
import { RemoteError } from '../jsonrpc/peer.ts'
import { ERRORS, type ErrorName, HubError } from '../protocol/errors.ts'

/** The hub will not have this client: bad or revoked token, unknown protocol version. Trying again is pointless. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  readonly code: number | null

  constructor(reason: string, code: number | null) {
    super(reason)
    this.code = code
  }
}

/** `close` was called on the hub's client while the call was open. The outcome of a command is then unknown. */
export class ClientClosedError extends Error {
  override readonly name = 'ClientClosedError'

  constructor() {
    super('The client was closed.')
  }
}

const NAMES = new Map<number, ErrorName>(
  Object.entries(ERRORS).map(([name, { code }]) => [code, name as ErrorName]),
)

/** The `HubError` behind an error answer. One of an unknown code becomes `internal` with code and data as facts. */
export function toHubError(error: RemoteError): HubError {
  const name = NAMES.get(error.code)
  if (!name) {
    const facts = { code: error.code, data: error.data, method: error.method }
    return new HubError('internal', error.message, facts, { cause: error })
  }
  return new HubError(name, error.message, factsOf(error.data), { cause: error })
}

/** Anything thrown by a request, with remote errors translated. */
export function translate(error: unknown): unknown {
  return error instanceof RemoteError ? toHubError(error) : error
}

function factsOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || !('facts' in value)) return {}
  const { facts } = value
  return typeof facts === 'object' && facts !== null ? (facts as Record<string, unknown>) : {}
}
