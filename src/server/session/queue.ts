/**
 * The queue of one session: which prompts wait, in which order, and why they are held. It keeps store, state and summary
 * in step and refuses what cannot be done to an entry; it never sends anything (`queue-sender.ts` does).
 */
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../../base/clock.ts'
import type { SourceItem } from '../../connectors/event.ts'
import type { Change } from '../../persistence/change.ts'
import type { Store } from '../../persistence/store.ts'
import type { StoredQueue } from '../../persistence/stored.ts'
import type { Actor } from '../../protocol/approval.ts'
import { HubError } from '../../protocol/errors.ts'
import {
  applyQueueDelta,
  type Prompt,
  type Queue,
  type QueueDelta,
  type QueueEntry,
  type QueueHold,
} from '../../protocol/queue.ts'
import { entryOf, shownOf } from './queue-entry.ts'
import {
  entryNamed,
  refuseIfFull,
  refuseInDoubt,
  refuseUnlessInDoubt,
  refuseWhileSending,
  waitingEntry,
} from './queue-refusals.ts'
import type { SessionRecord } from './record.ts'

export interface Edit {
  readonly edition?: number | undefined
  readonly input?: Prompt['input'] | undefined
  readonly settings?: Prompt['settings'] | undefined
  readonly notBefore?: number | null | undefined
}

export class SessionQueue {
  readonly #record: SessionRecord
  readonly #store: Store
  readonly #clock: Clock
  readonly #changed: () => void
  /** The last turn whose end holds nothing up: it was over, and seen, when somebody last let the queue go on. */
  #pastTurnId: string | null = null

  /** @param changed what follows from the queue may be another now */
  constructor(record: SessionRecord, store: Store, clock: Clock, changed: () => void) {
    this.#record = record
    this.#store = store
    this.#clock = clock
    this.#changed = changed
  }

  get value(): Queue {
    return this.#record.queue
  }

  get pastTurnId(): string | null {
    return this.#pastTurnId
  }

  get isEmpty(): boolean {
    return this.value.entries.length === 0
  }

  /** Take over what the store remembers. */
  restore({ entries, hold, sent, pastTurnId }: StoredQueue): void {
    this.#pastTurnId = pastTurnId
    this.#record.queue = { entries: entries.toSorted((a, b) => a.seq - b.seq), hold, sent: [...sent] }
  }

  /** @throws HubError `notFound` */
  get(entryId: string): QueueEntry {
    return entryNamed(this.value, entryId)
  }

  /** @throws HubError when it is not there any more */
  async prompt(entryId: string): Promise<Prompt> {
    const prompt = await this.#store.loadQueuePrompt(this.#record.id, entryId)
    if (!prompt) this.get(entryId)
    if (!prompt) throw new HubError('internal', `The prompt of entry ${entryId} is not in the store.`)
    return prompt
  }

  /** @param before otherwise at the end. @throws HubError `overloaded`, `notFound` */
  add(
    prompt: Prompt,
    { id, by, notBefore, before }: { id: string; by: Actor; notBefore: number | null; before?: string },
  ): QueueEntry {
    refuseIfFull(this.value, prompt)
    if (before !== undefined) this.get(before)
    const seq = (this.value.entries.at(-1)?.seq ?? -1) + 1
    const entry = entryOf(prompt, { id, seq, notBefore, by, createdAt: this.#clock.now() })
    this.#store.write({ kind: 'queuePrompt', sessionId: this.#record.id, entryId: id, prompt })
    this.#put(entry)
    if (before !== undefined) this.move(id, before)
    return this.get(id)
  }

  /** @throws HubError `stale` when somebody else edited it, `notPossible` while it is being sent */
  async edit(entryId: string, { edition, input, settings, notBefore }: Edit): Promise<QueueEntry> {
    waitingEntry(this.value, entryId, edition)
    const known = await this.prompt(entryId)
    // While it was read it may have been sent, or edited by somebody else.
    const entry = waitingEntry(this.value, entryId, edition)
    const prompt = { ...known, ...(input ? { input } : {}), ...(settings ? { settings } : {}) }
    refuseIfFull(this.value, prompt, entry)
    const time = notBefore === undefined ? entry.notBefore : notBefore
    this.#store.write({ kind: 'queuePrompt', sessionId: this.#record.id, entryId, prompt })
    const shown = shownOf(prompt)
    this.#put({ ...entry, ...shown, notBefore: time, edition: entry.edition + 1, problem: null })
    return this.get(entryId)
  }

  /** @param before null: to the end */
  move(entryId: string, before: string | null): void {
    const entry = waitingEntry(this.value, entryId)
    if (before !== null) this.get(before)
    if (before === entryId) return
    const others = this.value.entries.filter(({ id }) => id !== entryId)
    const place = before === null ? others.length : others.findIndex(({ id }) => id === before)
    const moved = others.toSpliced(place, 0, entry)
    this.#change(
      moved.flatMap((each, seq) => (each.seq === seq ? [] : [{ op: 'queueEntry', entry: { ...each, seq } }])),
    )
  }

  remove(entryId: string): void {
    refuseWhileSending(this.get(entryId))
    this.#change([{ op: 'queueRemove', entryIds: [entryId] }])
    this.#easeHold()
  }

  /** An indeterminate entry shall be sent once more. @throws HubError `notPossible` for any other */
  retry(entryId: string): void {
    const entry = this.get(entryId)
    refuseUnlessInDoubt(entry)
    this.#put({ ...entry, state: 'waiting', problem: null })
    this.#easeHold()
  }

  /** Send nothing until somebody resumes it. What holds it already stays the reason. */
  hold(reason: string, message: string, by: Actor | null = null): void {
    if (this.value.hold) return
    const hold: QueueHold = { reason, message, by, at: this.#clock.now() }
    this.#change([{ op: 'queueHold', hold }])
  }

  /** @param pastTurnId the newest turn, which need not have ended well */
  resume(pastTurnId: string | null): void {
    refuseInDoubt(this.value)
    this.passed(pastTurnId)
    if (this.value.hold) this.#change([{ op: 'queueHold', hold: null }])
  }

  /** The end of this turn holds nothing up. */
  passed(turnId: string | null): void {
    if (turnId === this.#pastTurnId) return
    this.#pastTurnId = turnId
    this.#store.write(this.#stored())
  }

  /** It is about to leave: nobody may change it from here on. @throws HubError `notPossible` */
  markSending(entryId: string): void {
    const entry = waitingEntry(this.value, entryId)
    this.#put({ ...entry, state: 'sending', problem: null })
  }

  /** It did not leave, or Codex did not take it. */
  notSent(entryId: string, problem: string | null): void {
    const entry = this.value.entries.find(({ id }) => id === entryId)
    if (entry?.state === 'sending') this.#put({ ...entry, state: 'waiting', problem })
  }

  /** Nobody knows whether it left: nothing behind it may overtake it, and a person has to look. */
  inDoubt(entryId: string, problem: string): void {
    const entry = this.value.entries.find(({ id }) => id === entryId)
    if (!entry) return
    const message =
      'It is unknown whether a queued prompt reached Codex. Look at the session; then retry or remove it.'
    const at = this.#clock.now()
    const hold = this.value.hold ?? { reason: 'indeterminate', message, by: null, at }
    this.#change([
      { op: 'queueEntry', entry: { ...entry, state: 'indeterminate', problem } },
      { op: 'queueHold', hold },
    ])
  }

  /** It is part of a turn. A second telling says nothing new. */
  sent(entryId: string, turnId: string): void {
    if (!this.value.entries.some(({ id }) => id === entryId)) return
    this.#change([{ op: 'queueSent', sent: { id: entryId, turnId, at: this.#clock.now() } }])
    this.#easeHold()
  }

  /** Codex shows a message of a person. Where an entry of ours is named in it, it has arrived, whatever was thought of it. */
  seen({ type, body }: Pick<SourceItem, 'type' | 'body'>, turnId: string): void {
    if (type === 'userMessage' && typeof body.clientId === 'string' && !this.isEmpty)
      this.sent(body.clientId, turnId)
  }

  /** What held the queue up is gone. A pause that somebody asked for stays. */
  #easeHold(): void {
    const { entries, hold } = this.value
    if (!hold || hold.reason === 'paused') return
    const isInDoubt = entries.some(({ state }) => state === 'indeterminate')
    if (entries.length === 0 || (hold.reason === 'indeterminate' && !isInDoubt))
      this.#change([{ op: 'queueHold', hold: null }])
  }

  #put(entry: QueueEntry): void {
    this.#change([{ op: 'queueEntry', entry }])
  }

  /** Into the state, the store and the summary. */
  #change(deltas: readonly QueueDelta[]): void {
    if (deltas.length === 0) return
    const sessionId = this.#record.id
    this.#tell(deltas)
    const changes = deltas.flatMap((delta): Change[] => {
      if (delta.op === 'queueEntry') return [{ kind: 'queueEntry', sessionId, entry: delta.entry }]
      if (delta.op === 'queueHold') return [this.#stored()]
      const ids = delta.op === 'queueSent' ? [delta.sent.id] : delta.entryIds
      const gone = ids.map((entryId): Change => ({ kind: 'queueEntryGone', sessionId, entryId }))
      return delta.op === 'queueSent' ? [...gone, this.#stored()] : gone
    })
    if (!this.#record.isRetired) this.#store.write(...changes)
    this.#changed()
  }

  /** What waits, and the summary of it, in one revision. */
  #tell(deltas: readonly QueueDelta[]): void {
    const { entries, hold } = deltas.reduce(applyQueueDelta, this.value)
    const queue = entries.length === 0 ? null : { entries: entries.length, isHeld: hold !== null }
    const shown = this.#record.summary.queue ?? null
    this.#record.changeQueue(deltas, isDeepStrictEqual(shown, queue) ? {} : { queue })
  }

  #stored(): Change {
    const { hold, sent } = this.value
    return { kind: 'queue', sessionId: this.#record.id, queue: { hold, sent, pastTurnId: this.#pastTurnId } }
  }
}
