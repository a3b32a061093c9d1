/**
 * What sessions reach the rest of the hub by. It is the wall between them: what throws in one session's reaction is
 * reported and costs that session that event alone.
 */
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Driver } from '../connectors/driver.ts'
import type { Store } from '../persistence/store.ts'
import type { ForeignDoors } from './session/foreign-doors.ts'
import { noteKeptOpen } from './session/kept-open.ts'
import type { Lives } from './session/lives.ts'
import type { SessionPorts } from './session/ports.ts'
import type { Session } from './session/session.ts'

/** What the registry is given. */
export interface RegistryPorts {
  readonly driver: Driver
  readonly foreign: ForeignDoors
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
}

/** Who sees turns begin and end. Neither may throw. */
export interface TurnWitness {
  beforeTurn(session: Session): Promise<(turnId: string) => void>
  turnEnded(session: Session, turnId: string, completedAt: number | null): void
  forget(session: Session): void
}

/** Rooms that are told of all sessions; each is set by the room it belongs to. */
export interface RegistryHooks {
  /** Nothing is behind a session any more. `asked`: it was the hub's own doing, or its own child's. */
  onRest: (session: Session, asked: boolean) => Promise<void>
  witness: TurnWitness | null
  /** A prompt that waits might be sent. Must not throw. */
  onMayGoOn: (session: Session) => void
  /** A summary changed; it may change again in the same step. */
  onSummary: (session: Session) => void
  onRemoved: (sessionId: string) => void
  /** Asked before a process is started for a session. @throws HubError `overloaded` */
  makeRoom: (sessionId: string) => Promise<void>
}

export function quietHooks(): RegistryHooks {
  return {
    onRest: () => Promise.resolve(),
    witness: null,
    onMayGoOn: () => {},
    onSummary: () => {},
    onRemoved: () => {},
    makeRoom: () => Promise.resolve(),
  }
}

export function sessionPorts(
  { driver, foreign, store, clock, log }: RegistryPorts,
  hooks: RegistryHooks,
  lives: Lives,
  sessions: ReadonlyMap<string, Session>,
): SessionPorts {
  const contain = (sessionId: string, what: () => string, run: (session: Session) => void): void => {
    const session = sessions.get(sessionId)
    if (!session) return
    try {
      run(session)
    } catch (error) {
      log.error({ err: error, sessionId, what: what() }, 'a session could not take what happened')
      const message = `The hub failed on something Codex sent (${what()}); later events still arrive.`
      session.record.patchSummary({ problem: { code: 'internal', message, at: clock.now() } })
    }
  }
  return {
    driver,
    foreign,
    store,
    clock,
    log,
    startedAt: clock.now(),
    makeRoom: (sessionId) => hooks.makeRoom(sessionId),
    live: (sessionId, event) => {
      const session = sessions.get(sessionId)
      if (session) lives.send(session, event)
    },
    receive: (sessionId, event, at) => {
      contain(
        sessionId,
        () => `event ${event.type}`,
        (session) => session.receive(event, at),
      )
    },
    receiveAll: (sessionId, batch) => {
      contain(
        sessionId,
        () => 'what was read',
        (session) => session.receiveAll(batch),
      )
    },
    sourceClosed: (sessionId, generation, cause) => {
      contain(
        sessionId,
        () => 'end of source',
        (session) => session.sourceClosed(generation, cause),
      )
    },
    beforeTurn: async (sessionId) => {
      const session = sessions.get(sessionId)
      return (session && (await hooks.witness?.beforeTurn(session))) ?? (() => {})
    },
    turnEnded: (sessionId, turnId, completedAt) => {
      const session = sessions.get(sessionId)
      if (session) hooks.witness?.turnEnded(session, turnId, completedAt)
    },
    mayGoOn: (sessionId) => {
      const session = sessions.get(sessionId)
      if (session) hooks.onMayGoOn(session)
    },
    rested: (sessionId, asked) => {
      const session = sessions.get(sessionId)
      if (!session) return Promise.resolve()
      noteKeptOpen(session.record, driver)
      return hooks.onRest(session, asked)
    },
  }
}
