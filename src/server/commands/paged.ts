/** A page token that no list gave out is the client's fault, and told as such. */
import { StoreError } from '../../persistence/store-error.ts'
import { HubError } from '../../protocol/errors.ts'

/** @throws HubError `invalidPageToken` */
export async function paged<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof StoreError && error.fault === 'invalidPageToken') {
      throw new HubError('invalidPageToken', error.message)
    }
    throw error
  }
}
