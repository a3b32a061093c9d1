/** Waits for the end of a turn and shows nothing. */
import type { HubClient } from '../../client/client.ts'
import type { Ending } from './watch-session.ts'

export async function endOf(hub: HubClient, sessionId: string, turnId: string): Promise<Ending> {
  const session = hub.session(sessionId)
  let stop = (): void => {}
  try {
    return await new Promise<Ending>((resolve) => {
      const look = (): void => {
        const { state, status } = session.getSnapshot()
        if (status === 'gone') resolve('gone')
        const turn = state?.turns.find(({ id }) => id === turnId)
        if (turn && turn.status !== 'inProgress')
          resolve(turn.status === 'completed' ? 'completed' : 'failed')
      }
      stop = session.subscribe(look)
      look()
    })
  } finally {
    stop()
    session.release()
  }
}
