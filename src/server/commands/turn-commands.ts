/** Commands on the running turn and on the thread as a whole, beyond starting and interrupting. */
import type { Handlers } from './dispatch.ts'
import { steer } from './prompts.ts'

type Names = 'session/steer'

export const turnHandlers: Pick<Handlers, Names> = {
  async 'session/steer'(rooms, { commandId, sessionId, expectedTurnId, input }) {
    const session = rooms.registry.get(sessionId)
    return { turnId: await steer(session, { commandId, input, expectedTurnId }) }
  },
}
