/** Doors to threads that others have open: what a session needs to know of them, and no more. */
import type { BatchSink, Connector } from '../../connectors/connector.ts'
import type { OpenOptions } from '../../connectors/driver.ts'
import type { Change } from '../../persistence/change.ts'

/** A connector that reads; it reports nothing before `follow`. */
export interface ObservedSource extends Connector {
  readonly checkpoint: unknown
  /** Settled once everything that was there has been reported, or nothing more will be. */
  readonly caughtUp: Promise<void>
  /** Settled once it is known whether anybody still writes it; where nobody does, the source has ended by then. */
  readonly judged: Promise<void>
  follow(): void
}

/** Doors to threads that others have open. */
export interface ForeignDoors {
  /** Whether the user's daemon has the thread open. */
  canJoin(threadId: string | null): boolean
  /** Join the user's daemon. @throws ConnectorError when it does not have the thread */
  join(threadId: string, options: OpenOptions): Promise<Connector>
  /**
   * Read the rollout as it grows. @param knowsPast the session has turns that came through another door
   * @throws ConnectorError when the thread has no rollout, or one that cannot be read
   */
  observe(
    threadId: string,
    options: OpenOptions & { readonly sink: BatchSink; readonly knowsPast: boolean },
  ): Promise<ObservedSource>
  /** What to store of how far a thread was read; `checkpoint` null: it must be compared anew. Empty for unknown threads. */
  noteRead(sessionId: string, threadId: string | null, checkpoint: unknown, stamp: string | null): Change[]
  /** Who has the thread open, in words; null where the system does not tell. */
  holderOf(threadId: string): Promise<{ pid: number; command: string | null } | null>
}
