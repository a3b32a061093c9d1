/**
 * All streams of a client: one per session and job in use, and one for the list. It hands out counted handles, takes each
 * frame to its stream, and says when all are synchronized.
 */
import type { Clock } from '../base/clock.ts'
import type { RpcNotification } from '../jsonrpc/message.ts'
import { applyDeltas, EMPTY_STATE } from '../protocol/apply-delta.ts'
import {
  type AttentionDelta,
  type AttentionState,
  applyAttentionDeltas,
  EMPTY_ATTENTION,
} from '../protocol/attention.ts'
import type { Cursor } from '../protocol/cursor.ts'
import type { Delta } from '../protocol/delta.ts'
import { applyJobDeltas, EMPTY_JOB, type JobDelta, type JobState } from '../protocol/job.ts'
import { applyListDeltas, EMPTY_LIST, type ListDelta, type ListState } from '../protocol/list-delta.ts'
import type { ResultOf } from '../protocol/methods.ts'
import type { NotificationName, NotificationParams } from '../protocol/notifications.ts'
import type { SessionState } from '../protocol/session-state.ts'
import { Backoff } from './backoff.ts'
import type { Link } from './link.ts'
import { Observable, type Readable } from './observable.ts'
import { type SessionSnapshot, SessionStore } from './session-store.ts'
import { Stream, type StreamView } from './stream.ts'

/** A hold on a subscription. The subscription lives until every handle of it is released. */
export interface Handle<View> extends Readable<View> {
  readonly release: () => void
  /** How often a hole in the stream made the client subscribe again. */
  readonly resubscribes: () => number
}

export interface SessionHandle extends Handle<SessionSnapshot> {
  readonly sessionId: string
  /** Page in the items before the state's window, or before the oldest one paged in. */
  readonly loadOlder: () => Promise<void>
}

export type AttentionHandle = Handle<StreamView<AttentionState>>
export type ListHandle = Handle<StreamView<ListState>>
/** Its status becomes `gone` when the hub knows the job no more. */
export type JobHandle = Handle<StreamView<JobState>>

export interface SubscriptionsOptions {
  readonly clock: Clock
  readonly random: () => number
  readItems(sessionId: string, beforeSeq: number, limit: number): Promise<ResultOf<'session/items'>>
  caughtUp(): void
  fellBehind(): void
}

interface OpenSession {
  readonly stream: Stream<SessionState, Delta>
  readonly store: SessionStore
  holders: number
}

/** A stream of which nothing but its view is needed. */
interface Viewed<State, Delta> {
  readonly stream: Stream<State, Delta>
  readonly view: Observable<StreamView<State>>
  holders: number
}

export class Subscriptions {
  readonly #options: SubscriptionsOptions
  readonly #sessions = new Map<string, OpenSession>()
  #attention: Viewed<AttentionState, AttentionDelta> | null = null
  readonly #jobs = new Map<string, Viewed<JobState, JobDelta>>()
  #list: Viewed<ListState, ListDelta> | null = null
  #link: Link | null = null

  constructor(options: SubscriptionsOptions) {
    this.#options = options
  }

  up(link: Link): void {
    this.#link = link
    for (const stream of this.#streams()) stream.attach(link)
    this.#settle()
  }

  down(): void {
    this.#link = null
    for (const stream of this.#streams()) stream.detach()
  }

  /** Compare every open stream's cursor with the hub's. */
  verify(): void {
    for (const stream of this.#streams()) stream.verify()
  }

  session(sessionId: string): SessionHandle {
    const open = this.#sessions.get(sessionId) ?? this.#openSession(sessionId)
    open.holders += 1
    return {
      sessionId,
      subscribe: open.store.subscribe,
      getSnapshot: open.store.getSnapshot,
      loadOlder: () => open.store.loadOlder(),
      resubscribes: () => open.stream.resubscribes,
      release: once(() => {
        open.holders -= 1
        if (open.holders > 0) return
        this.#sessions.delete(sessionId)
        this.#drop(open.stream, (link) => link.request('session/unsubscribe', { sessionId }))
      }),
    }
  }

  list(): ListHandle {
    this.#list ??= this.#openView<ListState, ListDelta>(EMPTY_LIST, applyListDeltas, (link, cursor) =>
      link.request('sessions/subscribe', { ...(cursor && { cursor }) }),
    )
    return this.#hold(this.#list, () => {
      this.#list = null
      return (link) => link.request('sessions/unsubscribe', {})
    })
  }

  attention(): AttentionHandle {
    this.#attention ??= this.#openView<AttentionState, AttentionDelta>(
      EMPTY_ATTENTION,
      applyAttentionDeltas,
      (link, cursor) => link.request('attention/subscribe', { ...(cursor && { cursor }) }),
    )
    return this.#hold(this.#attention, () => {
      this.#attention = null
      return (link) => link.request('attention/unsubscribe', {})
    })
  }

  job(jobId: string): JobHandle {
    const open =
      this.#jobs.get(jobId) ??
      this.#openView<JobState, JobDelta>(EMPTY_JOB, applyJobDeltas, (link, cursor) =>
        link.request('job/subscribe', { jobId, ...(cursor && { cursor }) }),
      )
    this.#jobs.set(jobId, open)
    return this.#hold(open, () => {
      this.#jobs.delete(jobId)
      return (link) => link.request('job/unsubscribe', { jobId })
    })
  }

  /** Take a frame to its stream. One for a stream nobody holds any more is dropped, as is an unknown method. */
  notified(notification: RpcNotification): void {
    const { method, params } = notification as Frame
    switch (method) {
      case 'session/delta':
        this.#sessions.get(params.sessionId)?.stream.delta(params)
        break
      case 'session/snapshot':
        this.#sessions.get(params.sessionId)?.stream.snapshot(params)
        break
      case 'session/synchronized':
        this.#sessions.get(params.sessionId)?.stream.synchronized(params)
        break
      case 'session/removed':
        // Asking again is answered with why there is nothing more, which ends the stream.
        this.#sessions.get(params.sessionId)?.stream.verify()
        break
      case 'sessions/delta':
        this.#list?.stream.delta(params)
        break
      case 'sessions/snapshot':
        this.#list?.stream.snapshot(params)
        break
      case 'sessions/synchronized':
        this.#list?.stream.synchronized(params)
        break
      case 'attention/delta':
        this.#attention?.stream.delta(params)
        break
      case 'attention/snapshot':
        this.#attention?.stream.snapshot(params)
        break
      case 'attention/synchronized':
        this.#attention?.stream.synchronized(params)
        break
      case 'job/delta':
        this.#jobs.get(params.jobId)?.stream.delta(params)
        break
      case 'job/snapshot':
        this.#jobs.get(params.jobId)?.stream.snapshot(params)
        break
      case 'job/synchronized':
        this.#jobs.get(params.jobId)?.stream.synchronized(params)
        break
    }
  }

  #openSession(sessionId: string): OpenSession {
    const { clock, random, readItems } = this.#options
    const store = new SessionStore((beforeSeq, limit) => readItems(sessionId, beforeSeq, limit))
    const stream = new Stream<SessionState, Delta>({
      clock,
      backoff: new Backoff(random),
      empty: EMPTY_STATE,
      fold: applyDeltas,
      ask: (link, cursor) => link.request('session/subscribe', { sessionId, ...(cursor && { cursor }) }),
      changed: (view, deltas) => store.change(view, deltas),
      settled: () => this.#settle(),
    })
    const open = { stream, store, holders: 0 }
    this.#sessions.set(sessionId, open)
    if (this.#link) stream.attach(this.#link)
    return open
  }

  #openView<State, Delta>(
    empty: State,
    fold: (state: State, deltas: readonly Delta[]) => State,
    ask: (link: Link, cursor: Cursor | undefined) => Promise<ResultOf<'session/subscribe'>>,
  ): Viewed<State, Delta> {
    const { clock, random } = this.#options
    const stream = new Stream<State, Delta>({
      clock,
      backoff: new Backoff(random),
      empty,
      fold,
      ask,
      changed: (view) => open.view.set(view),
      settled: () => this.#settle(),
    })
    const open = { stream, view: new Observable(stream.view), holders: 0 }
    if (this.#link) stream.attach(this.#link)
    return open
  }

  /** @param forget what takes it out of the open ones. @returns how the hub is told */
  #hold<State, Delta>(
    open: Viewed<State, Delta>,
    forget: () => (link: Link) => Promise<unknown>,
  ): Handle<StreamView<State>> {
    open.holders += 1
    return {
      subscribe: open.view.subscribe,
      getSnapshot: open.view.getSnapshot,
      resubscribes: () => open.stream.resubscribes,
      release: once(() => {
        open.holders -= 1
        if (open.holders === 0) this.#drop(open.stream, forget())
      }),
    }
  }

  #drop(stream: { detach(): void }, unsubscribe: (link: Link) => Promise<unknown>): void {
    const link = this.#link
    stream.detach()
    // A hub that does not know the subscription any more has nothing to end.
    if (link) unsubscribe(link).catch(() => {})
    this.#settle()
  }

  *#streams(): Generator<
    | Stream<SessionState, Delta>
    | Stream<ListState, ListDelta>
    | Stream<JobState, JobDelta>
    | Stream<AttentionState, AttentionDelta>
  > {
    for (const { stream } of this.#jobs.values()) yield stream
    if (this.#list) yield this.#list.stream
    if (this.#attention) yield this.#attention.stream
    for (const { stream } of this.#sessions.values()) yield stream
  }

  #settle(): void {
    if (!this.#link) return
    const unsettled = [...this.#streams()].filter((stream) => !stream.isSettled)
    if (unsettled.length === 0) this.#options.caughtUp()
    // *This is deliberate*: a stream that loads for the first time shows nothing old, and opening a session on a
    // live connection does not make the connection less live.
    else if (unsettled.some((stream) => stream.view.state !== null)) this.#options.fellBehind()
  }
}

type Frame = { [N in NotificationName]: { method: N; params: NotificationParams<N> } }[NotificationName]

function once(run: () => void): () => void {
  let isDone = false
  return () => {
    if (isDone) return
    isDone = true
    run()
  }
}
