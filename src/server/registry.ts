/**
 * The map of all sessions: the only place that makes or drops one, opens its door or stops it. Their machines stand in
 * `session/lives.ts`, the wall between them in `session-ports.ts`.
 */
import type { Timer } from '../base/clock.ts'
import { mintId } from '../base/id.ts'
import type { ProcessRecord } from '../connectors/driver.ts'
import type { Change } from '../persistence/change.ts'
import type { StoredQueue, StoredSession } from '../persistence/stored.ts'
import { HubError } from '../protocol/errors.ts'
import { applyListDeltas, EMPTY_LIST, type ListDelta, type ListState } from '../protocol/list-delta.ts'
import type { SettingsRequest } from '../protocol/settings.ts'
import type { Summary } from '../protocol/summary.ts'
import { Lives } from './session/lives.ts'
import type { OpenHow, Rest } from './session/machine.ts'
import { type Beginning, newSession, restingSession } from './session/new-session.ts'
import type { ForkOrigin } from './session/obtain.ts'
import { PartialWrites } from './session/partial-writes.ts'
import type { SessionPorts } from './session/ports.ts'
import { type RecordPorts, SessionRecord } from './session/record.ts'
import { Session } from './session/session.ts'
import { tellParent } from './session/subagent.ts'
import { quietHooks, type RegistryHooks, type RegistryPorts, sessionPorts } from './session-ports.ts'
import { epochsOf } from './stream/epochs.ts'
import { listStreamKind } from './stream/list-stream.ts'
import { Stream } from './stream/stream.ts'

/** What a new session is a fork of. */
export interface Fork extends ForkOrigin {
  readonly codexHome: string | null
}

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
  readonly #lives: Lives
  #dehydration: Timer | null = null
  readonly list: Stream<ListState, ListDelta>
  readonly hooks: RegistryHooks = quietHooks()

  constructor(ports: RegistryPorts) {
    this.#ports = ports
    const { store, clock, log } = ports
    const mintEpoch = epochsOf(clock)
    this.#lives = new Lives(log, this.#sessions)
    const summaryChanged: RecordPorts['summaryChanged'] = (id, patch) => this.#summaryChanged(id, patch)
    const partialWrites = new PartialWrites(clock)
    this.#recordPorts = { store, clock, partialWrites, mintEpoch, summaryChanged }
    this.#sessionPorts = sessionPorts(ports, this.hooks, this.#lives, this.#sessions)
    this.list = new Stream(listStreamKind, EMPTY_LIST, mintEpoch(), clock)
    this.#armDehydration()
  }

  get sessions(): IterableIterator<Session> {
    return this.#sessions.values()
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

  /** A process that goes on for other sessions has the thread open. */
  holds(threadId: string): boolean {
    return this.#ports.driver.holds(threadId)
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
    this.#tellList({ op: 'put', summary: stored.summary })
    this.#tellParent(session)
    return session
  }

  /** Open a session's door, or another one; resolves when it is open. @throws what the opening threw */
  async open(sessionId: string, how: OpenHow): Promise<void> {
    this.#refuseClosing()
    const session = this.get(sessionId)
    // A machine that is opening takes no other order: one for a closer door must not be lost.
    while (session.door.opening) await session.settled()
    this.#lives.send(session, { type: 'open', how })
    await session.door.opening
    await session.facts.opened()
  }

  /** Take over what the store remembers. Nothing is running until it is proven (L3). */
  restore(stored: readonly StoredSession[], queues: readonly StoredQueue[] = []): void {
    const puts = stored.map((row): ListDelta => {
      const resting = restingSession(row)
      this.#add(new SessionRecord(resting, this.#recordPorts))
      return { op: 'put', summary: resting.summary }
    })
    for (const queue of queues) this.#sessions.get(queue.sessionId)?.queue.restore(queue)
    this.list.begin(applyListDeltas(EMPTY_LIST, [...puts, { op: 'total', total: this.#sessions.size }]))
  }

  /** Make a session and open its door; resolves when Codex has a thread for it. @throws what the driver threw */
  async create(
    cwd: string,
    settings: SettingsRequest,
    { fork, ...beginning }: Beginning & { readonly fork?: Fork } = {},
  ): Promise<Session> {
    this.#refuseClosing()
    const { clock } = this.#ports
    const now = clock.now()
    const fresh = newSession(mintId('ses', now), cwd, settings, now, beginning)
    const codexHome = fork?.codexHome ?? null
    const record = new SessionRecord({ ...fresh, codexHome }, this.#recordPorts)
    record.begin()
    const session = this.#add(record)
    if (fork) session.door.origin = fork
    this.#tellList({ op: 'put', summary: record.summary })
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
    this.#lives.send(session, { type: 'open', how: 'rejoin' })
    return (session.door.opening ?? Promise.resolve()).finally(() => {
      session.door.process = null
    })
  }

  /** Stop what runs for a session; resolves when nothing does. */
  stop(sessionId: string, how: { force?: boolean; rest?: Rest } = {}): Promise<void> {
    const session = this.get(sessionId)
    this.#refuseClosing()
    return this.#lives.stop(session, how)
  }

  /** Forget a session, here and in the store, where `changes` are made in the same transaction. */
  drop(sessionId: string, changes: readonly Change[] = []): void {
    const session = this.#sessions.get(sessionId)
    if (!session) return
    const { threadId } = session.summary
    session.record.retire()
    if (session.summary.counters.turns > 0) this.hooks.witness?.forget(session)
    this.#sessions.delete(sessionId)
    if (threadId && this.#threads.get(threadId) === sessionId) this.#threads.delete(threadId)
    this.#lives.end(sessionId)
    this.#ports.store.write({ kind: 'sessionRemoved', sessionId }, ...changes)
    this.hooks.onRemoved(sessionId)
    this.#tellList({ op: 'drop', sessionId })
  }

  /** Let go of every session, leaving what runs running, or stopping it. */
  async close(stopSessions: boolean): Promise<void> {
    this.#lives.isClosing = true
    // Where hubs follow each other in one process, none must be kept in memory by its own timer.
    this.#dehydration?.cancel()
    const live = [...this.#sessions.values()].filter((session) => session.isBusy)
    await Promise.allSettled(live.map((session) => (stopSessions ? session.stop(true) : session.detach())))
    this.#lives.endAll()
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

  /** Sessions came or went. */
  #tellList(change: ListDelta): void {
    this.list.push([change, { op: 'total', total: this.#sessions.size }])
  }

  /** @throws HubError `shuttingDown` */
  #refuseClosing(): void {
    if (!this.#lives.isClosing) return
    throw new HubError('shuttingDown', 'The hub is stopping; try again when it is back.')
  }

  #summaryChanged(sessionId: string, patch: Partial<Summary>): void {
    const session = this.#sessions.get(sessionId)
    if (!session) return
    if (patch.threadId) this.#threads.set(patch.threadId, sessionId)
    this.hooks.onSummary(session)
    if (patch.subagent) this.#tellParent(session)
    // A session outside the list's window comes back into it whole.
    if (this.list.state.sessions.has(sessionId)) this.list.push([{ op: 'patch', sessionId, patch }])
    else this.list.push([{ op: 'put', summary: session.summary }])
  }

  #tellParent({ summary }: Session): void {
    const parent = summary.parentThreadId === null ? null : this.byThread(summary.parentThreadId)
    if (parent) tellParent(parent.record, summary)
  }

  #armDehydration(): void {
    this.#dehydration = this.#ports.clock.after(DEHYDRATE_MS, () => {
      for (const session of this.#sessions.values()) {
        if (!session.isBusy) session.record.dehydrate()
      }
      this.#armDehydration()
    })
  }
}
