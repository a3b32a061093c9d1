/**
 * One app-server of the hub's own that several sessions have their threads on, over one connection. It owns that
 * connection and the process: a session that leaves takes its thread along as far as Codex lets go of it, and the last one
 * ends the process. What happens to one thread is no affair of the others.
 */
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { ConnectorError } from '../connector.ts'
import { answerAtOnce } from './approvals.ts'
import type { Conversation } from './conversation.ts'
import { asFields, asText } from './decode.ts'
import { Followers } from './followers.ts'
import { loadedThreadIds } from './loaded-ids.ts'
import type { OpenedThread } from './opened-thread.ts'
import type { StopOptions } from './process-handle.ts'
import type { RunningServer } from './running-server.ts'
import { SharedServer } from './shared-server.ts'
import { isUnloaded } from './thread-facts.ts'

export interface SharedChildOptions {
  readonly clock: Clock
  readonly log: Log
  /** How long a turn may go on after its session is to end. Milliseconds. */
  readonly finishTurnMs: number
  /** No session can come to it any more: it ends, or the connection did (`isLost`: the process may go on). */
  readonly onEnd: (child: SharedChild, isLost: boolean) => void
  /** Codex has let go of a thread that no session has here any more. */
  readonly onUnloaded: (threadId: string) => void
}

/** What a session has on it. */
export interface Seat {
  readonly lane: Conversation
  readonly opened: OpenedThread
}

export interface LeaveOptions extends StopOptions {
  /** Resolves at the end of the running turn. */
  readonly turnEnd: Promise<void>
}

const LEAVE_TIMEOUT_MS = 5_000

export class SharedChild {
  readonly running: RunningServer
  readonly followers: Followers
  readonly #shared: SharedServer
  readonly #options: SharedChildOptions
  /** Threads of sessions, those being opened counted by a name of their own. */
  readonly #seats = new Set<string | symbol>()
  /** Threads that Codex still has open, and no session. */
  readonly #left = new Set<string>()
  #ending: Promise<void> | null = null
  #isOver = false

  constructor(running: RunningServer, options: SharedChildOptions) {
    const { server } = running
    this.running = running
    this.#options = options
    this.followers = new Followers(server)
    this.#shared = new SharedServer(server, options.log, {
      notification: (method, params, threadId) => this.#notified(method, params, threadId),
      request: (request, threadId) => {
        const answer = threadId === null ? answerAtOnce(request.method, options.clock.now()) : null
        if (answer) server.respond(request.id, answer)
        else if (threadId === null) this.followers.request(request)
        return threadId === null
      },
      closed: (cause) => {
        this.followers.closed(cause)
        this.#over(cause.kind === 'exited')
      },
    })
  }

  /** Sessions can be opened on it. */
  get isOpen(): boolean {
    return this.#ending === null && !this.#isOver && !this.running.server.isClosed
  }

  /** It is in use by sessions beside this thread's. */
  hasOthers(threadId: string): boolean {
    return this.#seats.size > (this.#seats.has(threadId) ? 1 : 0)
  }

  /** Codex has the thread open here, and with it its writer lock. */
  holds(threadId: string): boolean {
    return !this.#isOver && (this.#left.has(threadId) || this.#seats.has(threadId))
  }

  /** Resolves when the process is gone, where it is about to go. */
  async ended(): Promise<void> {
    await this.#ending
  }

  /** Codex has it open here, and no session. */
  keeps(threadId: string): boolean {
    return !this.#isOver && this.#left.has(threadId)
  }

  /** Threads that Codex has open here, and no session. */
  get kept(): readonly string[] {
    return [...this.#left]
  }

  /** Open a thread, named or new. @throws ConnectorError */
  async open(how: (server: Conversation) => Promise<OpenedThread>, threadId: string | null): Promise<Seat> {
    if (threadId !== null && this.#seats.has(threadId))
      throw new ConnectorError('refused', 'This thread is open in a session of the hub.', { threadId })
    const place = threadId ?? Symbol('a thread to come')
    this.#seats.add(place)
    try {
      const seat = await this.#shared.begin(how, threadId)
      const opened = seat.opened.thread.threadId
      this.#seats.delete(place)
      this.#seats.add(opened)
      this.#left.delete(opened)
      return seat
    } catch (error) {
      this.#seats.delete(place)
      throw error
    }
  }

  /** Find out which threads Codex has open here; subagents' are followed with those they work for. @throws ConnectorError */
  async look(): Promise<void> {
    const threadIds = [...(await loadedThreadIds(this.running.server))]
    const parents = await Promise.all(threadIds.map((threadId) => this.#relate(threadId)))
    const roots = threadIds.filter((_, index) => parents[index] === null)
    for (const threadId of roots) if (!this.#seats.has(threadId)) this.#left.add(threadId)
  }

  /** Let go of a thread and leave everything running. */
  detach(threadId: string, lane: Conversation): void {
    lane.close()
    this.#seats.delete(threadId)
    if (this.#seats.size === 0 && !this.#ending) this.abandon()
  }

  /** It cannot be used; the process goes on, and whoever asked decides what becomes of it. */
  abandon(): void {
    this.running.server.close()
    this.#over(false)
  }

  /** Codex let go of a thread by itself. */
  vacate(threadId: string): void {
    this.#seats.delete(threadId)
    void this.stopIfIdle()
  }

  /** Stop what runs on a thread and let go of it; the last one ends the process. Never throws. */
  async leave(threadId: string, lane: Conversation, options: LeaveOptions): Promise<void> {
    if (!this.hasOthers(threadId)) return this.#end(options)
    await this.#quiet(options)
    // Others may have left meanwhile.
    if (!this.hasOthers(threadId)) return this.#end(options)
    const { methods } = this.running
    const ask = (method: 'thread/backgroundTerminals/clean' | 'thread/unsubscribe', id: string) =>
      methods.has(method) && !lane.isClosed
        ? lane.request(method, { threadId: id }, LEAVE_TIMEOUT_MS).catch((error: unknown) => {
            this.#options.log.debug({ err: error, threadId: id, method }, 'Codex did not let go of a thread')
          })
        : Promise.resolve()
    const workers = this.#shared.workersOf(threadId)
    const asked = [
      ask('thread/backgroundTerminals/clean', threadId),
      ...[threadId, ...workers].map((id) => ask('thread/unsubscribe', id)),
    ]
    // Before the answers: the session may come back at once, and Codex takes one after the other.
    lane.close()
    this.#left.add(threadId)
    this.#seats.delete(threadId)
    await Promise.all(asked)
    // Whoever left at the same time saw this one still here.
    if (this.#seats.size === 0) await this.#end(options)
  }

  /** Without a session it is of no use. */
  async stopIfIdle(): Promise<void> {
    if (this.#seats.size === 0 && this.isOpen) await this.#end({})
  }

  /** The running turn may finish; then it is interrupted. */
  async #quiet({ force = false, interrupt = null, turnEnd }: LeaveOptions): Promise<void> {
    if (!interrupt) return
    const limit = Promise.withResolvers<'over'>()
    const timer = this.#options.clock.after(force ? 0 : this.#options.finishTurnMs, () =>
      limit.resolve('over'),
    )
    const first = await Promise.race([turnEnd, limit.promise])
    timer.cancel()
    if (first === 'over') await interrupt().catch(() => {})
  }

  #end(options: StopOptions): Promise<void> {
    this.#ending ??= (async () => {
      this.#options.onEnd(this, false)
      // The conversation is kept until the process ended: an interrupt goes through it.
      await this.running.handle.stop(options)
      this.running.server.close()
      this.#over(true)
    })()
    return this.#ending
  }

  #over(isGone: boolean): void {
    if (this.#isOver) return
    this.#isOver = true
    this.running.handle.letGo()
    this.#options.onEnd(this, !isGone)
    if (!isGone) return
    for (const threadId of this.#left) this.#options.onUnloaded(threadId)
    this.#left.clear()
  }

  async #relate(threadId: string): Promise<string | null> {
    const { server } = this.running
    try {
      const answer = asFields(await server.request('thread/read', { threadId }))
      const parent = asText(asFields(answer?.thread)?.parentThreadId)
      if (parent === null) return null
      this.#shared.relate(threadId, parent)
      // What it asks is asked of who follows it (0.169).
      await server.request('thread/resume', { threadId, excludeTurns: true })
      return parent
    } catch (error) {
      this.#options.log.debug({ err: error, threadId }, 'a loaded thread could not be looked at')
      return null
    }
  }

  #notified(method: string, params: unknown, threadId: string | null): void {
    this.followers.notification(method, params)
    if (threadId === null) return
    const isGone = method === 'thread/closed' || method === 'thread/deleted'
    if (isGone || isUnloaded(asFields(params)?.status)) {
      if (this.#left.delete(threadId)) this.#options.onUnloaded(threadId)
    }
  }
}
