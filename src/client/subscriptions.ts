/**
 * What a client is subscribed to: sessions and jobs in use, the list, the attention log. It opens a stream for the first
 * who asks, hands out handles of it, and takes each frame to its stream.
 */
import type { RpcNotification } from '../jsonrpc/message.ts'
import { applyDeltas, EMPTY_STATE } from '../protocol/apply-delta.ts'
import {
  type AttentionDelta,
  type AttentionState,
  applyAttentionDeltas,
  EMPTY_ATTENTION,
} from '../protocol/attention.ts'
import type { Delta } from '../protocol/delta.ts'
import { applyJobDeltas, EMPTY_JOB, type JobDelta, type JobState } from '../protocol/job.ts'
import { applyListDeltas, EMPTY_LIST, type ListDelta, type ListState } from '../protocol/list-delta.ts'
import type { ResultOf } from '../protocol/methods.ts'
import type { NotificationName, NotificationParams } from '../protocol/notifications.ts'
import type { SessionState } from '../protocol/session-state.ts'
import type { Handle, HeldStream } from './held-stream.ts'
import { Observable } from './observable.ts'
import type { OpenStreams, Source } from './open-streams.ts'
import { type SessionSnapshot, SessionStore } from './session-store.ts'
import { type StreamView, UNSEEN } from './stream-view.ts'

export interface SessionHandle extends Handle<SessionSnapshot> {
  readonly sessionId: string
  /** Page in the items before the state's window, or before the oldest one paged in. */
  readonly loadOlder: () => Promise<void>
}

export type AttentionHandle = Handle<StreamView<AttentionState>>
export type ListHandle = Handle<StreamView<ListState>>
/** Its status becomes `gone` when the hub knows the job no more. */
export type JobHandle = Handle<StreamView<JobState>>

type ReadItems = (sessionId: string, beforeSeq: number, limit: number) => Promise<ResultOf<'session/items'>>

/** A stream of which nothing but its view is needed. */
type Viewed<State, Delta> = HeldStream<State, Delta, StreamView<State>>

interface OpenSession {
  readonly held: HeldStream<SessionState, Delta, SessionSnapshot>
  readonly store: SessionStore
}

export class Subscriptions {
  readonly #streams: OpenStreams
  readonly #readItems: ReadItems
  readonly #sessions = new Map<string, OpenSession>()
  #attention: Viewed<AttentionState, AttentionDelta> | null = null
  readonly #jobs = new Map<string, Viewed<JobState, JobDelta>>()
  #list: Viewed<ListState, ListDelta> | null = null

  constructor(streams: OpenStreams, readItems: ReadItems) {
    this.#streams = streams
    this.#readItems = readItems
  }

  session(sessionId: string): SessionHandle {
    const { held, store } = this.#sessions.get(sessionId) ?? this.#openSession(sessionId)
    return { ...held.hold(), sessionId, loadOlder: () => store.loadOlder() }
  }

  list(): ListHandle {
    this.#list ??= this.#openView<ListState, ListDelta>({
      empty: EMPTY_LIST,
      fold: applyListDeltas,
      ask: (link, cursor) => link.request('sessions/subscribe', { ...(cursor && { cursor }) }),
      unsubscribe: (link) => link.request('sessions/unsubscribe', {}),
      forget: () => {
        this.#list = null
      },
    })
    return this.#list.hold()
  }

  attention(): AttentionHandle {
    this.#attention ??= this.#openView<AttentionState, AttentionDelta>({
      empty: EMPTY_ATTENTION,
      fold: applyAttentionDeltas,
      ask: (link, cursor) => link.request('attention/subscribe', { ...(cursor && { cursor }) }),
      unsubscribe: (link) => link.request('attention/unsubscribe', {}),
      forget: () => {
        this.#attention = null
      },
    })
    return this.#attention.hold()
  }

  job(jobId: string): JobHandle {
    const known = this.#jobs.get(jobId)
    if (known) return known.hold()
    const open = this.#openView<JobState, JobDelta>({
      empty: EMPTY_JOB,
      fold: applyJobDeltas,
      ask: (link, cursor) => link.request('job/subscribe', { jobId, ...(cursor && { cursor }) }),
      unsubscribe: (link) => link.request('job/unsubscribe', { jobId }),
      forget: () => this.#jobs.delete(jobId),
    })
    this.#jobs.set(jobId, open)
    return open.hold()
  }

  /** Take a frame to its stream. One for a stream nobody holds any more is dropped, as is an unknown method. */
  notified(notification: RpcNotification): void {
    const { method, params } = notification as Frame
    switch (method) {
      case 'session/delta':
        this.#sessions.get(params.sessionId)?.held.stream.delta(params)
        break
      case 'session/snapshot':
        this.#sessions.get(params.sessionId)?.held.stream.snapshot(params)
        break
      case 'session/synchronized':
        this.#sessions.get(params.sessionId)?.held.stream.synchronized(params)
        break
      case 'session/removed':
        // Asking again is answered with why there is nothing more, which ends the stream.
        this.#sessions.get(params.sessionId)?.held.stream.verify()
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
    const store = new SessionStore((beforeSeq, limit) => this.#readItems(sessionId, beforeSeq, limit))
    const held = this.#streams.open<SessionState, Delta, SessionSnapshot>({
      empty: EMPTY_STATE,
      fold: applyDeltas,
      ask: (link, cursor) => link.request('session/subscribe', { sessionId, ...(cursor && { cursor }) }),
      changed: (view, deltas) => store.change(view, deltas),
      view: store,
      unsubscribe: (link) => link.request('session/unsubscribe', { sessionId }),
      forget: () => this.#sessions.delete(sessionId),
    })
    const open = { held, store }
    this.#sessions.set(sessionId, open)
    return open
  }

  #openView<State, Delta>(
    source: Omit<Source<State, Delta, unknown>, 'changed' | 'view'>,
  ): Viewed<State, Delta> {
    const view = new Observable<StreamView<State>>(UNSEEN)
    return this.#streams.open({ ...source, changed: (shown) => view.set(shown), view })
  }
}

type Frame = { [N in NotificationName]: { method: N; params: NotificationParams<N> } }[NotificationName]
