/**
 * The threads a daemon has loaded, kept true from what it tells every client and from its own list. It tells of those
 * that are a person's sessions and can be joined; it follows none and loads none.
 */
import type { Clock, Timer } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Conversation } from '../codex/conversation.ts'
import { asFields, asText, type Fields } from '../codex/decode.ts'
import { Gate } from '../codex/gate.ts'
import { loadedThreadIds } from '../codex/loaded-ids.ts'
import { isUnloaded, readStatus, type ThreadStatus } from '../codex/thread-facts.ts'
import { type DaemonThread, hasBegun, isPersonal, readDaemonThread } from './daemon-thread.ts'

/** Why a thread is not there any more. */
export type Departure = 'unloaded' | 'deleted' | 'daemonGone'

export interface ThreadsListener {
  /** A session that can be joined; its newest status is in it. Told once until it is gone. */
  threadLoaded(thread: DaemonThread): void
  threadStatus(threadId: string, status: ThreadStatus): void
  threadNamed(threadId: string, name: string | null): void
  /** Any thread of the home, loaded or not: who archives a loaded one unloads it first. */
  threadArchived(threadId: string, isArchived: boolean): void
  threadGone(threadId: string, why: Departure): void
}

export interface LoadedThreadsOptions {
  readonly clock: Clock
  readonly log: Log
  readonly listener: ThreadsListener
  /** A subagent's thread was seen, and the one it works for. */
  readonly relate: (threadId: string, parentThreadId: string) => void
  /** A thread is not loaded any more. */
  readonly unloaded: (threadId: string) => void
}

const READS_AT_ONCE = 8
/** Codex says that a first turn began a moment before the thread can be joined. */
const LOOK_AGAIN_MS = 100
const LOOKS = 50
/** How long a thread may take to be loaded again. Milliseconds. */
const RELOAD_MS = 1_500
/** So many looks are spent on waiting for the words of a prompt; a picture has none. */
const LOOKS_FOR_PREVIEW = 5

/** What was told of a thread while it was being read: newer than the answer. */
interface Meanwhile {
  status?: ThreadStatus
  name?: string | null
  isGone?: true
}

export class LoadedThreads {
  readonly #server: Pick<Conversation, 'request'>
  readonly #relate: (threadId: string, parentThreadId: string) => void
  readonly #unloaded: (threadId: string) => void
  readonly #listener: ThreadsListener
  readonly #clock: Clock
  readonly #log: Log
  readonly #gate = new Gate(READS_AT_ONCE)
  readonly #told = new Map<string, DaemonThread>()
  /** Threads that are nobody's session: titles, subagents and the like. */
  readonly #passedOver = new Set<string>()
  readonly #reading = new Map<string, Meanwhile>()
  readonly #again = new Map<string, Timer>()
  /** Threads that were unloaded a moment ago. */
  readonly #leaving = new Map<string, Timer>()
  #isClosed = false

  constructor(server: Pick<Conversation, 'request'>, options: LoadedThreadsOptions) {
    this.#server = server
    this.#relate = options.relate
    this.#unloaded = options.unloaded
    this.#clock = options.clock
    this.#log = options.log
    this.#listener = options.listener
  }

  get told(): ReadonlyMap<string, DaemonThread> {
    return this.#told
  }

  /** Hold what is known against the daemon's own list. @throws ConnectorError */
  async refresh(timeoutMs: number): Promise<void> {
    const loaded = await loadedThreadIds(this.#server, timeoutMs)
    if (this.#isClosed) return
    for (const threadId of [...this.#told.keys()]) {
      if (!loaded.has(threadId)) this.#gone(threadId, 'unloaded')
    }
    for (const threadId of this.#passedOver) if (!loaded.has(threadId)) this.#passedOver.delete(threadId)
    const unknown = [...loaded].filter((id) => !this.#told.has(id) && !this.#passedOver.has(id))
    await Promise.all(unknown.map((threadId) => this.#read(threadId)))
  }

  notification(method: string, params: unknown, threadId: string | null): void {
    if (threadId === null || this.#isClosed) return
    const fields = asFields(params) ?? {}
    switch (method) {
      case 'thread/started':
        if (!this.#passes(threadId, asFields(fields.thread))) void this.#read(threadId)
        return
      case 'thread/status/changed':
        // Codex says so to everybody; `thread/closed` only to who follows the thread (0.169).
        if (isUnloaded(fields.status)) this.#leaves(threadId)
        else this.#statusChanged(threadId, readStatus(fields.status))
        return
      case 'thread/archived':
      case 'thread/unarchived':
        this.#listener.threadArchived(threadId, method === 'thread/archived')
        return
      case 'thread/name/updated':
        this.#named(threadId, asText(fields.threadName))
        return
      case 'thread/closed':
        this.#gone(threadId, 'unloaded')
        return
      case 'thread/deleted':
        this.#gone(threadId, 'deleted')
        return
      default:
    }
  }

  /** The connection is over. */
  close(): void {
    this.#isClosed = true
    for (const timer of [...this.#again.values(), ...this.#leaving.values()]) timer.cancel()
    for (const threadId of [...this.#told.keys()]) this.#gone(threadId, 'daemonGone')
  }

  /** A thread whose turns are taken back is unloaded and loaded again at once (0.169): it is gone only if it stays away. */
  #leaves(threadId: string): void {
    const reading = this.#reading.get(threadId)
    if (reading) reading.isGone = true
    this.#leaving.get(threadId)?.cancel()
    this.#leaving.set(
      threadId,
      this.#clock.after(RELOAD_MS, () => this.#gone(threadId, 'unloaded')),
    )
  }

  #statusChanged(threadId: string, status: ThreadStatus | null): void {
    this.#leaving.get(threadId)?.cancel()
    this.#leaving.delete(threadId)
    if (status === null || this.#passedOver.has(threadId)) return
    const reading = this.#reading.get(threadId)
    if (reading) reading.status = status
    const thread = this.#told.get(threadId)
    if (thread) {
      this.#told.set(threadId, { ...thread, status })
      this.#listener.threadStatus(threadId, status)
      return
    }
    if (!reading) void this.#read(threadId)
  }

  #named(threadId: string, name: string | null): void {
    const thread = this.#told.get(threadId)
    const reading = this.#reading.get(threadId)
    if (reading) reading.name = name
    if (!thread) {
      // To name a session makes it one that can be joined, also before its first prompt (0.169).
      if (!reading && !this.#passedOver.has(threadId)) void this.#read(threadId)
      return
    }
    this.#told.set(threadId, { ...thread, facts: { ...thread.facts, name } })
    this.#listener.threadNamed(threadId, name)
  }

  #gone(threadId: string, why: Departure): void {
    this.#leaving.get(threadId)?.cancel()
    this.#leaving.delete(threadId)
    this.#passedOver.delete(threadId)
    this.#again.get(threadId)?.cancel()
    this.#again.delete(threadId)
    const reading = this.#reading.get(threadId)
    if (reading) reading.isGone = true
    if (why === 'unloaded') this.#unloaded(threadId)
    if (this.#told.delete(threadId)) this.#listener.threadGone(threadId, why)
  }

  /** Ask what it is, and tell of it; once more in a moment when it works but cannot be joined yet. */
  async #read(threadId: string, looks = LOOKS): Promise<void> {
    if (this.#reading.has(threadId) || this.#isClosed) return
    this.#again.get(threadId)?.cancel()
    this.#again.delete(threadId)
    const meanwhile: Meanwhile = {}
    this.#reading.set(threadId, meanwhile)
    try {
      const answer = await this.#gate.run(() => this.#server.request('thread/read', { threadId }))
      const fields = asFields(asFields(answer)?.thread)
      const thread = fields && readDaemonThread(fields)
      const parent = asText(fields?.parentThreadId)
      if (parent !== null) this.#relate(threadId, parent)
      if (thread?.threadId !== threadId || this.#passes(threadId, fields)) return
      const begun = await hasBegun(thread)
      if (this.#isClosed || meanwhile.isGone) return
      const { status = thread.status, name = thread.facts.name ?? null } = meanwhile
      const mayHaveWords = thread.preview === null && looks > LOOKS - LOOKS_FOR_PREVIEW
      if (begun && !mayHaveWords) this.#tell({ ...thread, status, facts: { ...thread.facts, name } })
      else if ((begun || status.status === 'active') && looks > 1) {
        this.#again.set(
          threadId,
          this.#clock.after(LOOK_AGAIN_MS, () => void this.#read(threadId, looks - 1)),
        )
      }
    } catch (error) {
      // Unloaded meanwhile, or of a kind that cannot be read. The next sweep asks again.
      this.#log.debug({ err: error, threadId }, 'a loaded thread could not be read')
    } finally {
      this.#reading.delete(threadId)
    }
  }

  #tell(thread: DaemonThread): void {
    if (this.#told.has(thread.threadId)) return
    this.#told.set(thread.threadId, thread)
    this.#listener.threadLoaded(thread)
  }

  /** Whether it is nobody's session; noted, so that it is not asked for again. */
  #passes(threadId: string, fields: Fields | null): boolean {
    if (fields === null || isPersonal(fields)) return false
    this.#passedOver.add(threadId)
    return true
  }
}
