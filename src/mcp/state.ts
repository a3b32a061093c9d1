/** The state of a session as its stream tells it, for what no query answers. */
import { HubError } from '../protocol/errors.ts'
import type { SessionState } from '../protocol/session-state.ts'
import type { ToolCall } from './tool.ts'

/** @throws HubError when there is no such session; the signal's reason when the call was cancelled */
export function stateOf({ hub, signal }: ToolCall, sessionId: string): Promise<SessionState> {
  const handle = hub.session(sessionId)
  let stop = (): void => {}
  const found = new Promise<SessionState>((resolve, reject) => {
    const look = (): void => {
      const { state, status, error } = handle.getSnapshot()
      if (status === 'gone') reject(error ?? new HubError('sessionNotFound', 'The session is gone.'))
      else if (state && status === 'live') resolve(state)
    }
    const onAbort = (): void => reject(signal.reason)
    const unsubscribe = handle.subscribe(look)
    signal.addEventListener('abort', onAbort)
    stop = () => {
      unsubscribe()
      signal.removeEventListener('abort', onAbort)
    }
    look()
  })
  return found.finally(() => {
    stop()
    handle.release()
  })
}
