/**
 * The errors a client can meet: a closed set. Codes below -32099 are JSON-RPC's own; ours lie from -32001 down.
 * `retry` says what a repeat of the same request may bring: `never`, `later` (the same request may pass), or
 * `person` (the outcome is unknown; only a person decides).
 */
import { z } from 'zod'

export const ERRORS = {
  parseError: { code: -32700, retry: 'never', says: 'The message is not JSON.' },
  invalidRequest: { code: -32600, retry: 'never', says: 'The message is not a JSON-RPC request.' },
  methodNotFound: { code: -32601, retry: 'never', says: 'The hub has no such method.' },
  invalidParams: { code: -32602, retry: 'never', says: 'The parameters do not fit the method.' },
  internal: { code: -32603, retry: 'later', says: 'The hub failed; its log has the details.' },
  helloRequired: { code: -32001, retry: 'never', says: 'hub/hello must be the first request.' },
  unsupportedVersion: { code: -32002, retry: 'never', says: 'The hub does not speak this protocol version.' },
  forbidden: { code: -32003, retry: 'never', says: 'The token lacks the scope.' },
  sessionNotFound: { code: -32004, retry: 'never', says: 'No session has this id.' },
  notPossible: { code: -32005, retry: 'later', says: 'The session cannot do this now.' },
  unsupported: { code: -32006, retry: 'never', says: 'The Codex of this session cannot do this.' },
  stale: { code: -32007, retry: 'never', says: 'Somebody else was first.' },
  commandConflict: { code: -32008, retry: 'never', says: 'The commandId was used for another request.' },
  indeterminate: { code: -32009, retry: 'person', says: 'It is unknown whether the command took effect.' },
  codexFailed: { code: -32010, retry: 'later', says: 'Codex refused or failed.' },
  codexUnavailable: { code: -32011, retry: 'later', says: 'No usable Codex was found or it does not start.' },
  heldElsewhere: { code: -32012, retry: 'later', says: 'Another process holds the thread.' },
  invalidPath: { code: -32013, retry: 'never', says: 'The folder does not exist or cannot be used.' },
  storage: { code: -32014, retry: 'later', says: 'The store cannot be written.' },
  overloaded: { code: -32015, retry: 'later', says: 'A limit of the hub is reached.' },
  shuttingDown: { code: -32016, retry: 'later', says: 'The hub is stopping.' },
  notFound: { code: -32017, retry: 'never', says: 'No such item, turn or approval.' },
  invalidFile: { code: -32019, retry: 'never', says: 'The file is no export that this hub can read.' },
  invalidPageToken: { code: -32018, retry: 'never', says: 'The page token is not one of the hub.' },
} as const

export type ErrorName = keyof typeof ERRORS

/** The `data` of every error the hub answers. */
export const errorDataSchema = z.object({
  name: z.enum(Object.keys(ERRORS) as [ErrorName, ...ErrorName[]]),
  retry: z.enum(['never', 'later', 'person']),
  /** Facts by name: which field, which session, who decided, what Codex said. */
  facts: z.record(z.string(), z.unknown()),
})

export type ErrorData = z.infer<typeof errorDataSchema>

/** An error that crosses the wire. The sentence says which thing, what was expected and what to do. */
export class HubError extends Error {
  override readonly name = 'HubError'
  readonly code: number
  readonly data: ErrorData

  constructor(name: ErrorName, message: string, facts: Record<string, unknown> = {}, options?: ErrorOptions) {
    super(message, options)
    this.code = ERRORS[name].code
    this.data = { name, retry: ERRORS[name].retry, facts }
  }
}

/** True for a `HubError`, optionally of this name. */
export function isHubError(error: unknown, name?: ErrorName): error is HubError {
  return error instanceof HubError && (name === undefined || error.data.name === name)
}
