/** Waits until a prompt in the queue has become part of a turn. */
import type { HubClient } from '../../client/client.ts'

/** @returns the turn; null when the entry was removed, or the session is gone */
export function turnOfEntry(hub: HubClient, sessionId: string, entryId: string): Promise<string | null> {
  const session = hub.session(sessionId)
  let stop = (): void => {}
  return new Promise<string | null>((resolve) => {
    const look = (): void => {
      const { state, status } = session.getSnapshot()
      if (status === 'gone') resolve(null)
      if (!state || status === 'loading') return
      const sent = state.queue.sent.find(({ id }) => id === entryId)
      if (sent) resolve(sent.turnId)
      else if (!state.queue.entries.some(({ id }) => id === entryId)) resolve(null)
    }
    stop = session.subscribe(look)
    look()
  }).finally(() => {
    stop()
    session.release()
  })
}
