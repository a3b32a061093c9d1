/** Turns local errors of connectors and of the store into the errors clients see. */
import { ConnectorError, type ConnectorFault } from '../../connectors/connector.ts'
import { StoreError } from '../../persistence/store-error.ts'
import { type ErrorName, HubError } from '../../protocol/errors.ts'

const NAMES: Record<ConnectorFault, ErrorName> = {
  codexMissing: 'codexUnavailable',
  codexTooOld: 'codexUnavailable',
  spawnFailed: 'codexUnavailable',
  handshakeFailed: 'codexUnavailable',
  heldElsewhere: 'heldElsewhere',
  threadNotFound: 'codexFailed',
  refused: 'codexFailed',
  invalid: 'invalidParams',
  changed: 'stale',
  unsupported: 'unsupported',
  // The request was on its way when the line went dead or silent: it may have taken effect.
  closed: 'indeterminate',
  timeout: 'indeterminate',
}

/** Run something of a connector. @throws HubError */
export async function asWireErrors<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw wireErrorOf(error)
  }
}

/** Run something that uses the store; other failures pass as they are. @throws HubError `storage` */
export async function asStorageErrors<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw error instanceof StoreError ? wireErrorOf(error) : error
  }
}

/** The wire error for whatever a connector or the store threw. */
export function wireErrorOf(error: unknown): HubError {
  if (error instanceof HubError) return error
  if (error instanceof StoreError) {
    const message = `The hub cannot use its database: ${error.message}`
    return new HubError('storage', message, { fault: error.fault }, { cause: error })
  }
  if (error instanceof ConnectorError) {
    return new HubError(
      NAMES[error.fault],
      error.message,
      { fault: error.fault, ...error.facts },
      { cause: error },
    )
  }
  const message = error instanceof Error ? error.message : String(error)
  return new HubError('internal', message, {}, { cause: error })
}
