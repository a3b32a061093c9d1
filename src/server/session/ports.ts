/** What a session is given by the registry: the ways to Codex, the store, and who is to be told. */
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { SourceBatch } from '../../connectors/connector.ts'
import type { Driver } from '../../connectors/driver.ts'
import type { SessionEvent } from '../../connectors/event.ts'
import type { CloseCause } from '../../jsonrpc/channel.ts'
import type { Store } from '../../persistence/store.ts'
import type { ForeignDoors } from './foreign-doors.ts'
import type { LifeEvent } from './machine.ts'

export interface SessionPorts {
  readonly driver: Driver
  readonly foreign: ForeignDoors
  /** Have room for one more process. @throws HubError `overloaded` */
  makeRoom(sessionId: string): Promise<void>
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  /** Send an event into the session's machine. */
  live(sessionId: string, event: LifeEvent): void
  /** Deliver a connector's event through the registry, which isolates faults. */
  receive(sessionId: string, event: SessionEvent, at?: number): void
  receiveAll(sessionId: string, batch: SourceBatch): void
  sourceClosed(sessionId: string, connectorId: number, cause: CloseCause): void
  /** Look at the files before a turn. @returns to be told the turn's id */
  beforeTurn(sessionId: string): Promise<(turnId: string) => void>
  turnEnded(sessionId: string, turnId: string, completedAt: number | null): void
  /** Something changed after which a prompt that waits might be sent. */
  mayGoOn(sessionId: string): void
  /** Nothing is behind the session any more. @param asked somebody wanted that */
  rested(sessionId: string, asked: boolean): Promise<void>
  /** When this hub began. */
  readonly startedAt: number
}
