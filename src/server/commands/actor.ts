/** Who a command comes from, as everybody is shown it. */
import type { Actor } from '../../protocol/approval.ts'
import type { Client } from '../client/client.ts'

export function actorOf(client: Client): Actor {
  return client.identity ?? { clientId: null, name: 'unknown' }
}
