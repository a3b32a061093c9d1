/** What a stream shows: its state, how far that is in step with the hub, and why it is not. */
import type { Cursor } from '../protocol/cursor.ts'
import type { HubError } from '../protocol/errors.ts'

/** `stale`: what is shown is from before the connection ended. `gone`: the hub has no such stream for this client. */
export type StreamStatus = 'loading' | 'live' | 'catchingUp' | 'stale' | 'gone'

export interface StreamView<State> {
  readonly state: State | null
  readonly status: StreamStatus
  readonly cursor: Cursor | null
  /** Why it is gone, or why the newest try to subscribe failed. */
  readonly error: HubError | null
}

/** Before anything came. */
export const UNSEEN: StreamView<never> = { state: null, status: 'loading', cursor: null, error: null }
