/**
 * The map of all sessions. It is the only sender into their machines, the only place that makes or drops one, and the
 * wall between them: what throws in one session is reported and costs that session alone.
 */
import { type Actor, createActor, fromPromise } from 'xstate'
import type { Clock } from '../base/clock.ts'
import { mintId } from '../base/id.ts'
import type { Log } from '../base/log.ts'
import type { Driver, ProcessRecord } from '../connectors/driver.ts'
import type { Change, Store, StoredQueue, StoredSession } from '../persistence/store.ts'
import type { Origin } from '../protocol/agent.ts'
import { HubError } from '../protocol/errors.ts'
import { EMPTY_LIST, type ListDelta, type ListState } from '../protocol/list-delta.ts'
import type { SettingsRequest } from '../protocol/settings.ts'
import type { Phase, Summary } from '../protocol/summary.ts'
import { readGit } from './read-git.ts'
import { capabilitiesOf } from './session/derive.ts'
import type { ForeignDoors, ForkOrigin } from './session/door.ts'
import { restingDoor } from './session/imported.ts'
import { type LifeEvent, lifeMachine, type OpenHow, phaseOf, type Rest } from './session/machine.ts'
import { newSession } from './session/new-session.ts'
import type { SessionPorts } from './session/ports.ts'
import { type RecordPorts, SessionRecord } from './session/record.ts'
import { Session } from './session/session.ts'
import { tellParent } from './session/subagent.ts'
import { listStreamKind } from './stream/list-stream.ts'
import { Stream } from './stream/stream.ts'

export interface RegistryPorts {
  readonly driver: Driver
  readonly foreign: ForeignDoors
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
}

/** What a new session is a fork of. */
export interface Fork extends ForkOrigin {
  readonly codexHome: string | null
}

/** Who sees turns begin and end. Neither may throw. */
export interface TurnWitness {
  beforeTurn(session: Session): Promise<(turnId: string) => void>
  turnEnded(session: Session, turnId: string, completedAt: number | null): void
  forget(session: Session): void
}

type LifeActor = Actor<typeof lifeMachine>

/** Sessions nobody follows and nothing runs in forget their state after this long. Milliseconds. */
const DEHYDRATE_MS = 60_000

export class Registry {
  readonly #ports: RegistryPorts
  /** One for all: there are thousands of sessions. */
  readonly #recordPorts: RecordPorts
  readonly #sessionPorts: SessionPorts
  readonly #sessions = new Map<string, Session>()
  /** Session ids by Codex thread. */
  readonly #threads = new Map<string, string>()
  readonly #starts = new Set<Promise<unknown>>()
  readonly #actors = new Map<string, LifeActor>()
  readonly list: Stream<ListState, ListDelta>
  /** Told when nothing is behind a session any more. `asked`: it was the hub's own doing, or its own child's. */
  onRest: (session: Session, asked: boolean) => Promise<void> = () => Promise.resolve()
  witness: TurnWitness | null = null
  /** Told when a prompt that waits might be sent. Must not throw. */
  onMayGoOn: (session: Session) => void = () => {}
  /** Told when a summary changed; it may change again in the same step. */
  onSummary: (session: Session) => void = () => {}
  /** Told when a session is forgotten. */
  onRemoved: (sessionId: string) => void = () => {}
  /** Asked before a process is started for a session. @throws HubError `overloaded` */
  makeRoom: (sessionId: string) => Promise<void> = () => Promise.resolve()
  readonly #startedAt: number
  #epochs = 0
  /** No door is opened or shut by a machine from here on. */
  #isClosing = false

  constructor(ports: RegistryPorts) {
    this.#ports = ports
    this.#startedAt = ports.clock.now()
    this.#recordPorts = this.#makeRecordPorts()
    this.#sessionPorts = this.#makeSessionPorts()
    this.list = new Stream(listStreamKind, EMPTY_LIST, this.#mintEpoch(), ports.clock)
    this.#armDehydration()
  }

  get sessions(): IterableIterator<Session> {
    return this.#sessions.values()
  }

  get size(): number {
    return this.#sessions.size
  }

  /** @throws HubError `sessionNotFound` */
  get(sessionId: string): Session {
    const session = this.#sessions.get(sessionId)
    if (!session) throw new HubError('sessionNotFound', `No session ${sessionId}.`, { sessionId })
    return session
  }

  sessionOrNull(sessionId: string): Session | null {
    return this.#sessions.get(sessionId) ?? null
  }

  /** The session of a Codex thread. */
  byThread(threadId: string): Session | null {
    const sessionId = this.#threads.get(threadId)
    return sessionId === undefined ? null : this.sessionOrNull(sessionId)
  }

  /**
   * Resolves when no thread is being started: until then a thread that nobody knows may be one of ours, whose name is
   * still on its way.
   */
  async startsSettled(): Promise<void> {
    while (this.#starts.size > 0) await Promise.allSettled(this.#starts)
  }

  /** Take in a session that others started. Nothing is behind it yet. */
  adopt(stored: StoredSession): Session {
    const session = this.#add(new SessionRecord(stored, this.#recordPorts))
    this.#ports.store.write({ kind: 'session', session: stored })
    this.list.push([
      { op: 'put', summary: stored.summary },
      { op: 'total', total: this.#sessions.size },
    ])
    this.#tellParent(session)
    return session
  }

  /** Open a session's door, or another one; resolves when it is open. @throws what the opening threw */
  async open(sessionId: string, how: OpenHow): Promise<void> {
    this.#refuseClosing()
    this.live(sessionId, { type: 'open', how })
    await this.get(sessionId).door.opening
  }

  /** Take over what the store remembers. Nothing is running until it is proven (L3). */
  restore(stored: readonly StoredSession[], queues: readonly StoredQueue[] = []): void {
    const puts: ListDelta[] = []
    for (const row of stored) {
      const phase: Phase =
        row.summary.phase === 'closed' || row.summary.phase === 'failed' ? row.summary.phase : 'dormant'
      const summary: Summary = {
        ...row.summary,
        phase,
        door: restingDoor(row.summary),
        capabilities: capabilitiesOf(phase, null, row.summary),
      }
      this.#add(new SessionRecord({ ...row, summary }, this.#recordPorts))
      puts.push({ op: 'put', summary })
    }
    for (const queue of queues) this.#sessions.get(queue.sessionId)?.queue.restore(queue)
    this.list.push([...puts, { op: 'total', total: this.#sessions.size }])
  }

  /** Make a session and open its door; resolves when Codex has a thread for it. @throws what the driver threw */
  async create(
    cwd: string,
    settings: SettingsRequest,
    { fork, createdBy }: { readonly fork?: Fork; readonly createdBy?: Origin | undefined } = {},
  ): Promise<Session> {
    this.#refuseClosing()
    const { clock } = this.#ports
    const now = clock.now()
    const fresh = newSession(mintId('ses', now), cwd, settings, now, createdBy)
    const codexHome = fork?.codexHome ?? null
    const record = new SessionRecord({ ...fresh, codexHome }, this.#recordPorts)
    record.begin()
    const session = this.#add(record)
    if (fork) session.door.origin = fork
    this.list.push([
      { op: 'put', summary: record.summary },
      { op: 'total', total: this.#sessions.size },
    ])
    const start = this.open(session.id, 'create')
    this.#starts.add(start)
    try {
      await start
    } catch (error) {
      // It never was: there is no thread, no prompt and nothing to come back to.
      this.drop(session.id)
      throw error
    } finally {
      this.#starts.delete(start)
    }
    return session
  }

  /** Look for the process of an earlier hub and join it, or leave the session dormant. */
  rejoin(sessionId: string, process: ProcessRecord): Promise<unknown> {
    const session = this.#sessions.get(sessionId)
    if (!session) return Promise.resolve()
    session.door.process = process
    this.live(sessionId, { type: 'open', how: 'rejoin' })
    return (session.door.opening ?? Promise.resolve()).finally(() => {
      session.door.process = null
    })
  }

  /** Stop what runs for a session; resolves when nothing does. */
  stop(
    sessionId: string,
    { force = false, rest = 'closed' }: { force?: boolean; rest?: Rest } = {},
  ): Promise<void> {
    const session = this.get(sessionId)
    this.#refuseClosing()
    const actor = this.#actorOf(session)
    return new Promise((resolve) => {
      const subscription = actor.subscribe((snapshot) => {
        if (snapshot.value !== rest && snapshot.value !== 'failed') return
        subscription.unsubscribe()
        resolve()
      })
      actor.send({ type: 'stop', force, rest })
    })
  }

  /** Look at the session's work tree; what git says arrives as a change of the summary. */
  lookAtGit(sessionId: string): void {
    const session = this.#sessions.get(sessionId)
    if (!session) return
    void readGit(session.summary.cwd).then((git) => {
      if (git) session.record.patchSummary({ git })
    })
  }

  /** Send an event into a session's machine. */
  live(sessionId: string, event: LifeEvent): void {
    const session = this.#sessions.get(sessionId)
    if (!session || (this.#isClosing && !this.#actors.has(sessionId))) return
    if (this.#isClosing && event.type === 'open') return
    this.#actorOf(session).send(event)
  }

  /** Forget a session, here and in the store, where `changes` are made in the same transaction. */
  drop(sessionId: string, changes: readonly Change[] = []): void {
    const session = this.#sessions.get(sessionId)
    if (!session) return
    const { threadId } = session.summary
    session.record.retire()
    if (session.summary.counters.turns > 0) this.witness?.forget(session)
    this.#sessions.delete(sessionId)
    if (threadId && this.#threads.get(threadId) === sessionId) this.#threads.delete(threadId)
    this.#actors.get(sessionId)?.stop()
    this.#actors.delete(sessionId)
    this.#ports.store.write({ kind: 'sessionRemoved', sessionId }, ...changes)
    this.onRemoved(sessionId)
    this.list.push([
      { op: 'drop', sessionId },
      { op: 'total', total: this.#sessions.size },
    ])
  }

  /** Let go of every session, leaving what runs running, or stopping it. */
  async close(stopSessions: boolean): Promise<void> {
    this.#isClosing = true
    const live = [...this.#sessions.values()].filter((session) => session.isBusy)
    await Promise.allSettled(live.map((session) => (stopSessions ? session.stop(true) : session.detach())))
    for (const actor of this.#actors.values()) actor.stop()
    this.#actors.clear()
    // Commands that were under way may still change something; there is no store for it any more.
    for (const { record } of this.#sessions.values()) {
      record.writeGrowing()
      record.retire()
    }
  }

  #add(record: SessionRecord): Session {
    const session = new Session(record, this.#sessionPorts)
    this.#sessions.set(session.id, session)
    if (session.summary.threadId !== null) this.#threads.set(session.summary.threadId, session.id)
    return session
  }

  /** @throws HubError `shuttingDown` */
  #refuseClosing(): void {
    if (this.#isClosing) throw new HubError('shuttingDown', 'The hub is stopping; try again when it is back.')
  }

  #makeRecordPorts(): RecordPorts {
    return {
      store: this.#ports.store,
      clock: this.#ports.clock,
      mintEpoch: () => this.#mintEpoch(),
      summaryChanged: (sessionId, patch) => this.#summaryChanged(sessionId, patch),
    }
  }

  #makeSessionPorts(): SessionPorts {
    const { driver, foreign, store, clock, log } = this.#ports
    return {
      driver,
      foreign,
      makeRoom: (sessionId) => this.makeRoom(sessionId),
      startedAt: this.#startedAt,
      store,
      clock,
      log,
      live: (sessionId, event) => this.live(sessionId, event),
      receive: (sessionId, event, at) => {
        this.#contain(sessionId, `event ${event.type}`, (session) => session.receive(event, at))
      },
      receiveAll: (sessionId, batch) => {
        this.#contain(sessionId, 'what was read', (session) => session.receiveAll(batch))
      },
      beforeTurn: async (sessionId) => {
        const session = this.#sessions.get(sessionId)
        return (session && (await this.witness?.beforeTurn(session))) ?? (() => {})
      },
      turnEnded: (sessionId, turnId, completedAt) => {
        const session = this.#sessions.get(sessionId)
        if (session) this.witness?.turnEnded(session, turnId, completedAt)
      },
      mayGoOn: (sessionId) => {
        const session = this.#sessions.get(sessionId)
        if (session) this.onMayGoOn(session)
      },
      rested: (sessionId, asked) => {
        const session = this.#sessions.get(sessionId)
        return session ? this.onRest(session, asked) : Promise.resolve()
      },
      sourceClosed: (sessionId, connectorId, cause) => {
        this.#contain(sessionId, 'end of source', (session) => session.sourceClosed(connectorId, cause))
      },
    }
  }

  /** Run one session's reaction; a throw costs that event and is reported. */
  #contain(sessionId: string, what: string, run: (session: Session) => void): void {
    const session = this.#sessions.get(sessionId)
    if (!session) return
    try {
      run(session)
    } catch (error) {
      this.#ports.log.error({ err: error, sessionId, what }, 'a session could not take what happened')
      const message = `The hub failed on something Codex sent (${what}); later events still arrive.`
      session.record.patchSummary({ problem: { code: 'internal', message, at: this.#ports.clock.now() } })
    }
  }

  #summaryChanged(sessionId: string, patch: Partial<Summary>): void {
    const session = this.#sessions.get(sessionId)
    if (!session) return
    if (patch.threadId) this.#threads.set(patch.threadId, sessionId)
    this.onSummary(session)
    if (patch.subagent) this.#tellParent(session)
    // A session outside the list's window comes back into it whole.
    if (this.list.state.sessions.has(sessionId)) this.list.push([{ op: 'patch', sessionId, patch }])
    else this.list.push([{ op: 'put', summary: session.summary }])
  }

  #tellParent({ summary }: Session): void {
    const parent = summary.parentThreadId === null ? null : this.byThread(summary.parentThreadId)
    if (parent) tellParent(parent.record, summary)
  }

  /** Made at the first event: a dormant session needs no actor. */
  #actorOf(session: Session): LifeActor {
    const known = this.#actors.get(session.id)
    if (known) return known
    const machine = lifeMachine.provide({
      actors: {
        open: fromPromise(({ input }) => session.open(input.how)),
        stop: fromPromise(({ input }) => session.stop(input.force)),
      },
    })
    const actor = createActor(machine, { input: {} })
    // Started before anybody listens: its first state is not news.
    actor.start()
    actor.subscribe({
      next: (snapshot) => session.facts.phaseChanged(phaseOf(snapshot.value)),
      error: (error) => {
        // XState stops an actor that throws. Its facts are elsewhere, so a new one takes its place.
        this.#ports.log.error({ err: error, sessionId: session.id }, 'a life machine stopped; starting anew')
        this.#actors.delete(session.id)
        session.facts.phaseChanged('failed')
      },
    })
    this.#actors.set(session.id, actor)
    return actor
  }

  /** Epochs of one hub differ from each other and from those of every other hub. */
  #mintEpoch(): string {
    this.#epochs += 1
    return `${mintId('ep', this.#ports.clock.now()).slice(3)}.${this.#epochs.toString(36)}`
  }

  #armDehydration(): void {
    this.#ports.clock.after(DEHYDRATE_MS, () => {
      // A hub that is down must not be kept in memory by its own timer, where others follow it in one process.
      if (this.#isClosing) return
      for (const session of this.#sessions.values()) {
        if (!session.isBusy) session.record.dehydrate()
      }
      this.#armDehydration()
    })
  }
}
