/** What needs a thread that nothing of the hub's has open: the session is closed for it. */
import type { HubRooms } from '../rooms.ts'
import type { Session } from '../session/session.ts'

/** Nothing of the hub's has the session's thread open afterwards, or lives for it. */
export async function free({ registry, driver }: HubRooms, session: Session): Promise<void> {
  if (session.isBusy) await registry.stop(session.id, { rest: 'dormant' })
  else await driver.endStray(session.summary.threadId)
}
