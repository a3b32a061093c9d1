/**
 * Sends what waits in the queues: one prompt at a time to each session, when it is free, or when a prompt's time has come.
 * **Invariant:** an entry is marked in the store before its request leaves. So one that was on its way when the hub died is
 * known as such, and is never sent again by itself (L12).
 */
import type { Clock, Timer } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Connector } from '../connectors/connector.ts'
import type { Driver } from '../connectors/driver.ts'
import type { Store } from '../persistence/store.ts'
import type { HubError } from '../protocol/errors.ts'
import type { Prompt, QueueEntry } from '../protocol/queue.ts'
import { checkFolder } from './commands/folder.ts'
import { giveTurn, withTurnGate } from './commands/prompts.ts'
import type { Registry } from './registry.ts'
import { wireErrorOf } from './session/connector-failure.ts'
import { dueEntry, nextTime, turnThatHolds } from './session/queue-order.ts'
import { turnOfMessage } from './session/queue-proof.ts'
import type { Session } from './session/session.ts'

export interface QueueSenderOptions {
  readonly registry: Registry
  readonly driver: Driver
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
}

/** Clocks of machines that slept are wrong about how long they did: times are looked at this often. Milliseconds. */
const LOOK_MS = 30_000
/** How long to wait where there was no room, or the disk refused. Milliseconds. */
const AGAIN_MS = 15_000
/** How long a closing hub waits for what is on its way. Milliseconds. */
const CLOSE_MS = 3_000

const LATER: ReadonlySet<string> = new Set(['overloaded', 'storage', 'shuttingDown'])
const RESTING: ReadonlySet<string> = new Set(['dormant', 'closed', 'failed', 'parked'])
const BUSY: ReadonlySet<string> = new Set([
  'starting',
  'working',
  'awaitingApproval',
  'recovering',
  'stopping',
])

export class QueueSender {
  readonly #options: QueueSenderOptions
  /** Sessions to be looked at; true: also where that resumes them. */
  readonly #asked = new Map<string, boolean>()
  readonly #underWay = new Map<string, Promise<void>>()
  #timer: Timer | null = null
  #isOpen = false
  #isClosed = false

  constructor(options: QueueSenderOptions) {
    this.#options = options
  }

  /** Go on with what an earlier hub left. What it was sending is looked for in Codex's history first. */
  async begin(): Promise<void> {
    const waiting = [...this.#options.registry.sessions].filter(({ queue }) => !queue.isEmpty)
    for (const session of waiting) await this.#settle(session)
    if (this.#isClosed) return
    this.#isOpen = true
    for (const session of waiting) this.wake(session)
  }

  /** The session may be free now. One that rests is left at it. */
  look(session: Session): void {
    this.#ask(session, false)
  }

  /** Somebody wants it to go on: a session that rests is resumed for what is due. */
  wake(session: Session): void {
    this.#ask(session, true)
  }

  /** Send nothing more; resolves when what was on its way is known, or after a while. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#isOpen = false
    this.#timer?.cancel()
    if (this.#underWay.size === 0) return
    await Promise.race([
      Promise.allSettled(this.#underWay.values()),
      new Promise<void>((resolve) => this.#options.clock.after(CLOSE_MS, resolve)),
    ])
  }

  /** Not at once: who asks is in the middle of a change. */
  #ask(session: Session, mayWake: boolean): void {
    if (!this.#isOpen || session.queue.isEmpty) return
    const isAsked = this.#asked.has(session.id)
    this.#asked.set(session.id, (this.#asked.get(session.id) ?? false) || mayWake)
    if (!isAsked) queueMicrotask(() => this.#begin(session))
  }

  #begin(session: Session): void {
    if (!this.#isOpen || this.#underWay.has(session.id)) return
    const mayWake = this.#asked.get(session.id) ?? false
    this.#asked.delete(session.id)
    const run = session.record
      .keep(() => this.#run(session, mayWake))
      .catch((error: unknown) => this.#failed(session, wireErrorOf(error)))
      .finally(() => {
        this.#underWay.delete(session.id)
        this.#arm()
        if (this.#asked.has(session.id)) this.#begin(session)
      })
    this.#underWay.set(session.id, run)
  }

  async #run(session: Session, mayWake: boolean): Promise<void> {
    const { queue } = session
    const entry = dueEntry(queue.value, this.#options.clock.now())
    if (!entry || BUSY.has(session.phase) || !session.turns.isFree) return
    if (session.connector?.door === 'observed') {
      queue.hold('observed', 'The session is only observed. Take it over, or fork it.')
      return
    }
    if (session.summary.archived) {
      queue.hold('archived', 'The session is archived.')
      return
    }
    if (RESTING.has(session.phase) && !mayWake) {
      if (session.phase !== 'parked') queue.hold('ended', 'Nothing runs for the session any more.')
      return
    }
    await session.record.hydrate()
    await session.reconcileDormant()
    if (this.#isHeldByTurn(session, entry)) return
    const prompt = await queue.prompt(entry.id)
    if (prompt.cwd !== null) await checkFolder(prompt.cwd)
    await withTurnGate(session, (connector) => this.#send(session, connector, entry, prompt))
  }

  async #send(session: Session, connector: Connector, entry: QueueEntry, prompt: Prompt): Promise<void> {
    const { queue } = session
    const isNext = (): boolean => {
      const next = dueEntry(queue.value, this.#options.clock.now())
      return this.#isOpen && next?.id === entry.id && next.edition === entry.edition
    }
    const began = await session.beforeTurn()
    // Opening a session takes a while, in which anything may have been done to its queue.
    if (!isNext() || this.#isHeldByTurn(session, entry)) return this.look(session)
    queue.markSending(entry.id)
    const isStored = await this.#flush()
    const isStillFree =
      this.#isOpen && isStored && !queue.value.hold && session.connector === connector && session.turns.isIdle
    if (!isStillFree) {
      queue.notSent(entry.id, null)
      this.#again(session)
      return
    }
    try {
      const { input, settings, cwd, outputSchema } = prompt
      const request = {
        commandId: entry.id,
        input,
        settings,
        ...(cwd === null ? {} : { cwd }),
        ...(outputSchema === null ? {} : { outputSchema }),
      }
      const turnId = await giveTurn(session, connector, request, began)
      queue.sent(entry.id, turnId)
    } catch (error) {
      this.#refused(session, entry.id, wireErrorOf(error))
    }
  }

  /** What became of the request is said by the error, unless its message was seen meanwhile. */
  #refused({ queue }: Session, entryId: string, { data, message }: HubError): void {
    if (!queue.value.entries.some(({ id }) => id === entryId)) return
    if (data.name === 'indeterminate') queue.inDoubt(entryId, message)
    else {
      queue.notSent(entryId, message)
      queue.hold('refused', message)
    }
  }

  #failed(session: Session, { data, message }: HubError): void {
    // A turn that began meanwhile ends, and then it goes on.
    if (data.facts.reason === 'turnInProgress') return
    this.#options.log.warn(
      { sessionId: session.id, name: data.name, message },
      'a queued prompt was not sent',
    )
    if (LATER.has(data.name)) this.#again(session)
    else session.queue.hold('refused', message)
  }

  /** A turn that did not end well holds up what waited for it. */
  #isHeldByTurn({ queue, record }: Session, entry: QueueEntry): boolean {
    const turn = turnThatHolds(record.state.turns.at(-1), entry, queue.pastTurnId)
    if (!turn) return false
    const why = turn.error ? `: ${turn.error.message}` : '.'
    queue.hold(
      turn.status,
      turn.status === 'failed' ? `The last turn failed${why}` : `The last turn was interrupted${why}`,
    )
    return true
  }

  /** What an earlier hub was sending either is in Codex's history, or nobody knows. */
  async #settle(session: Session): Promise<void> {
    const { queue } = session
    await session.door.settled()
    for (const { id, state } of queue.value.entries) {
      if (state !== 'sending') continue
      const turnId = await turnOfMessage(session, this.#options.driver, id).catch((error: unknown) => {
        this.#options.log.warn({ err: error, sessionId: session.id }, 'the history could not be read')
        return null
      })
      if (turnId !== null) queue.sent(id, turnId)
      else queue.inDoubt(id, 'The hub stopped while it was being sent.')
    }
  }

  async #flush(): Promise<boolean> {
    try {
      await this.#options.store.flush()
      return true
    } catch {
      // The store tells of its outage itself.
      return false
    }
  }

  #again(session: Session): void {
    this.#options.clock.after(AGAIN_MS, () => this.wake(session))
  }

  /** Look when the next prompt is due. */
  #arm(): void {
    const { registry, clock } = this.#options
    this.#timer?.cancel()
    this.#timer = null
    if (!this.#isOpen) return
    const now = clock.now()
    const times = [...registry.sessions].flatMap(({ queue }) => nextTime(queue.value, now) ?? [])
    if (times.length === 0) return
    const waitMs = Math.min(LOOK_MS, Math.max(1, Math.min(...times) - now))
    this.#timer = clock.after(waitMs, () => {
      for (const session of registry.sessions)
        if (dueEntry(session.queue.value, clock.now())) this.wake(session)
      this.#arm()
    })
  }
}
