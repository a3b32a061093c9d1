/**
 * Keeps the log of what asks for a person: raised when a session comes to need one, cleared when it does not any more.
 * It follows from the sessions and decides nothing about them; what was raised once is not raised again after a restart.
 */
import type { Clock, Timer } from '../../base/clock.ts'
import { mintId } from '../../base/id.ts'
import type { Store } from '../../persistence/store.ts'
import { lastEnded, outcomeWords } from '../../protocol/approval-outcome.ts'
import {
  type AttentionDelta,
  type AttentionEntry,
  type AttentionState,
  applyAttentionDeltas,
  EMPTY_ATTENTION,
} from '../../protocol/attention.ts'
import type { Registry } from '../registry.ts'
import type { Session } from '../session/session.ts'
import { Stream } from '../stream/stream.ts'
import { attentionStreamKind } from './attention-stream.ts'
import { needOf } from './need.ts'

export interface AttentionOptions {
  readonly registry: Registry
  readonly store: Store
  readonly clock: Clock
  /** A running turn of which nothing was heard for so long is stalled. Milliseconds; 0: never. */
  readonly stalledAfterMs: number
  /** Told of each need once, when it is raised. */
  raised(entry: AttentionEntry): void
}

/** How many entries are kept; what still asks is kept in any case. */
export const ATTENTION_KEPT = 200
const LOOK_MS = 15_000

export class AttentionLog {
  readonly stream: Stream<AttentionState, AttentionDelta>
  readonly #options: AttentionOptions
  readonly #waiting = new Set<string>()
  /** The log as it will be once all that was pushed has left. */
  readonly #entries: Map<string, AttentionEntry>
  /** Keys of what still asks, by session: one at a time. */
  readonly #asking = new Map<string, string>()
  #timer: Timer | null = null

  /** @param stored in the order in which they were raised */
  constructor(options: AttentionOptions, stored: readonly AttentionEntry[]) {
    this.#options = options
    const { clock, registry } = options
    const state = applyAttentionDeltas(
      EMPTY_ATTENTION,
      stored.map((entry) => ({ op: 'put', entry })),
    )
    this.#entries = new Map(state.entries)
    for (const { key, sessionId, clearedAt } of stored)
      if (clearedAt === null) this.#asking.set(sessionId, key)
    this.stream = new Stream(attentionStreamKind, state, mintId('ep', clock.now()).slice(3), clock)
    registry.hooks.onSummary = (session) => this.#soon(session.id)
    registry.hooks.onRemoved = (sessionId) => this.#forget(sessionId)
  }

  /** The sessions are known: bring the log up to them. */
  begin(): void {
    const { registry } = this.#options
    for (const { sessionId } of [...this.#entries.values()])
      if (!registry.sessionOrNull(sessionId)) this.#forget(sessionId)
    // Of thousands of sessions a few ask for anything.
    for (const session of registry.sessions)
      if (session.summary.attention !== null || this.#asking.has(session.id)) this.#look(session)
    this.#arm()
  }

  close(): void {
    this.#timer?.cancel()
  }

  /** What follows from one event may come in several steps; it is looked at once they are over. */
  #soon(sessionId: string): void {
    if (this.#waiting.has(sessionId)) return
    this.#waiting.add(sessionId)
    queueMicrotask(() => {
      this.#waiting.delete(sessionId)
      const session = this.#options.registry.sessionOrNull(sessionId)
      if (session) this.#look(session)
    })
  }

  #look(session: Session): void {
    const { clock, stalledAfterMs } = this.#options
    const { id, record, summary } = session
    if (summary.attention === null && summary.phase !== 'working') {
      this.#clear(session, null)
      return
    }
    const need = needOf(summary, record.isHydrated ? record.stream.state : null, clock.now(), stalledAfterMs)
    const key = need && `${id}/${need.kind}/${need.since}`
    this.#clear(session, key)
    if (!need || key === null) return
    const known = this.#entries.get(key)
    const { kind, count } = need
    // Words that were known once are better than those of a state that is not read.
    const text = known && !record.isHydrated ? known.text : need.text
    const { title, cwd } = summary
    const raisedAt = known?.raisedAt ?? clock.now()
    const isInterrupted = need.isInterrupted ?? (record.isHydrated ? undefined : known?.isInterrupted)
    const entry: AttentionEntry = {
      ...{ key, kind, sessionId: id, title, cwd, text, count, raisedAt, clearedAt: null },
      ...(isInterrupted && { isInterrupted }),
    }
    if (known && JSON.stringify(known) === JSON.stringify(entry)) return
    this.#put(entry)
    if (!known) this.#options.raised(entry)
  }

  /** What the session asked for is over, but for the one that is named. */
  #clear({ id, record }: Session, but: string | null): void {
    const key = this.#asking.get(id)
    const entry = key === undefined || key === but ? undefined : this.#entries.get(key)
    if (!entry) return
    const wasAsked = entry.kind === 'approval' || entry.kind === 'question'
    const ended = wasAsked && record.isHydrated ? lastEnded(record.stream.state.approvals) : undefined
    const outcome = ended ? outcomeWords(ended) : null
    this.#put({ ...entry, clearedAt: this.#options.clock.now(), ...(outcome !== null && { outcome }) })
  }

  #forget(sessionId: string): void {
    this.#asking.delete(sessionId)
    const gone = [...this.#entries.values()].filter((entry) => entry.sessionId === sessionId)
    this.stream.push(gone.map((entry) => this.#drop(entry)))
  }

  #put(entry: AttentionEntry): void {
    const { key, sessionId, clearedAt } = entry
    const deltas: AttentionDelta[] = [{ op: 'put', entry }]
    this.#options.store.write({ kind: 'attention', entry })
    this.#entries.set(key, entry)
    if (clearedAt === null) this.#asking.set(sessionId, key)
    else this.#asking.delete(sessionId)
    for (const old of this.#entries.values()) {
      if (this.#entries.size <= ATTENTION_KEPT) break
      if (old.clearedAt !== null && old.key !== key) deltas.push(this.#drop(old))
    }
    this.stream.push(deltas)
  }

  #drop({ key }: AttentionEntry): AttentionDelta {
    this.#entries.delete(key)
    this.#options.store.write({ kind: 'attentionGone', key })
    return { op: 'drop', key }
  }

  /** Silence is no event: it is looked for. */
  #arm(): void {
    const { clock, registry, stalledAfterMs } = this.#options
    if (stalledAfterMs === 0) return
    this.#timer = clock.after(Math.min(LOOK_MS, stalledAfterMs), () => {
      for (const session of registry.sessions) if (session.phase === 'working') this.#look(session)
      this.#arm()
    })
  }
}
