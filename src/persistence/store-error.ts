/** What can go wrong with the store, in words the rest of the hub can act on. */

export type StoreFault =
  | 'newerDatabase'
  | 'corrupt'
  | 'full'
  | 'busy'
  | 'readOnly'
  | 'folderLocked'
  | 'invalidPageToken'
  | 'failed'

/** A local error of the store; the server turns it into a wire error or a refusal to start. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly fault: StoreFault
  readonly facts: Record<string, unknown>

  constructor(
    fault: StoreFault,
    message: string,
    facts: Record<string, unknown> = {},
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.fault = fault
    this.facts = facts
  }
}
