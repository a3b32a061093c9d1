/**
 * One connection to an app-server shared by many threads. It routes what Codex sends by the thread it names: each thread
 * that is followed has a lane, everything else goes to the connection's own listener. It owns no thread and no process:
 * a lane that closes leaves the connection and the other lanes alone.
 */
import type { Log } from '../../base/log.ts'
import type { CloseCause } from '../../jsonrpc/channel.ts'
import type { RpcRequest } from '../../jsonrpc/message.ts'
import { ConnectorError } from '../connector.ts'
import type { AppServer } from './app-server.ts'
import type { Conversation } from './conversation.ts'
import { asFields, asText } from './decode.ts'
import { Lane } from './lane.ts'
import { isUnloaded } from './thread-facts.ts'

/** Who hears what no lane is for. */
export interface SharedServerListener {
  /** Of no thread, of a thread without a lane, or about a thread as such (`thread/…`), which its lane hears as well. */
  notification(method: string, params: unknown, threadId: string | null): void
  /**
   * Of no thread, or of one without a lane. The first answer of any client counts: who shares the server with strangers
   * leaves it to them. @returns whether it is dealt with; else it waits until its thread is known to work for another
   */
  request(request: RpcRequest, threadId: string | null): boolean
  /** Told once, after every lane was. */
  closed(cause: CloseCause): void
}

interface Told {
  readonly method: string
  readonly params: unknown
  readonly threadId: string | null
}

/** A chain of subagents is this deep at most; a circle in what Codex says must not hold us. */
const MAX_DEPTH = 16

export class SharedServer {
  readonly #server: AppServer
  readonly #listener: SharedServerListener
  readonly #log: Log
  readonly #lanes = new Map<string, Lane>()
  /** The thread that a subagent's thread works for. */
  readonly #parents = new Map<string, string>()
  /** What came of no lane's thread while threads were being opened whose names only the answers tell. */
  readonly #beginnings = new Set<Told[]>()
  /** What was asked before it was known for whom: a subagent is told of after it began (0.169). */
  readonly #unclaimed = new Map<string, RpcRequest[]>()
  #cause: CloseCause | null = null

  /** The handshake is done. What the connection brought since reaches the listener before this returns. */
  constructor(server: AppServer, log: Log, listener: SharedServerListener) {
    this.#server = server
    this.#listener = listener
    this.#log = log
    server.listen({
      notification: (method, params) => this.#notified(method, params),
      request: (request) => this.#asked(request),
      closed: (cause) => this.#ended(cause),
    })
  }

  /**
   * Follow a thread. To be opened before the thread is resumed, so that nothing is missed.
   * @throws ConnectorError when the thread has a lane already: two would answer for each other
   */
  lane(threadId: string): Lane {
    if (this.#lanes.has(threadId)) {
      throw new ConnectorError('refused', 'This thread is followed over this connection already.', {
        threadId,
      })
    }
    const lane = new Lane(this.#server, this.#log.child({ threadId }), () => {
      if (this.#lanes.get(threadId) === lane) this.#lanes.delete(threadId)
    })
    if (this.#cause) lane.end(this.#cause)
    else this.#lanes.set(threadId, lane)
    // What the thread itself waits for is replayed when it is resumed; what its subagents wait for is not.
    this.#claim()
    return lane
  }

  /**
   * Open a thread and follow it. Where only Codex's answer names it, what is said of it in between waits for its lane. What
   * is said of no thread meanwhile (a setting that is wrong, say) is taken to be said of this one.
   * @throws what `open` throws, and what `lane` does
   */
  async begin<T extends { readonly thread: { readonly threadId: string } }>(
    open: (server: Conversation) => Promise<T>,
    threadId: string | null,
  ): Promise<{ readonly lane: Conversation; readonly opened: T }> {
    const known = threadId === null ? null : this.lane(threadId)
    const told: Told[] = []
    this.#beginnings.add(told)
    try {
      const opened = await open(known ?? this.#server)
      const lane = known ?? this.lane(opened.thread.threadId)
      for (const each of told) {
        const isHere = each.threadId === null || this.#laneOf(each.threadId) === lane
        if (isHere) lane.notification(each.method, each.params)
      }
      return { lane, opened }
    } catch (error) {
      known?.close()
      throw error
    } finally {
      this.#beginnings.delete(told)
    }
  }

  /** What a subagent asks is asked in the lane of the thread it works for. */
  relate(threadId: string, parentThreadId: string): void {
    this.#parents.set(threadId, parentThreadId)
    this.#claim()
  }

  /** Subagents' threads that work for the thread, at any depth. */
  workersOf(threadId: string): string[] {
    const lane = this.#lanes.get(threadId)
    return lane === undefined ? [] : [...this.#parents.keys()].filter((id) => this.#laneOf(id) === lane)
  }

  /** End the connection. Lanes are told; the connection's own listener is not. */
  close(): void {
    this.#server.close()
    this.#endLanes({ kind: 'closed', message: 'the hub closed its connection' })
  }

  #notified(method: string, params: unknown): void {
    const fields = asFields(params)
    const threadId = asText(fields?.threadId)
    if (method === 'serverRequest/resolved') this.#resolved(threadId, fields?.requestId)
    if (threadId !== null && !method.startsWith('thread/')) {
      // Thousands of deltas a second come this way.
      const lane = this.#laneOf(threadId)
      if (lane) lane.notification(method, params)
      else this.#unfollowed(method, params, threadId)
      return
    }
    const thread = asFields(fields?.thread)
    const about = threadId ?? asText(thread?.id)
    const parent = asText(thread?.parentThreadId)
    if (about !== null && parent !== null) this.relate(about, parent)
    const lane = about === null ? undefined : this.#laneOf(about)
    lane?.notification(method, params)
    // Of the account, and so of every thread.
    if (method === 'account/rateLimits/updated') {
      for (const lane of [...this.#lanes.values()]) lane.notification(method, params)
    }
    if (lane) this.#listener.notification(method, params, about)
    else this.#unfollowed(method, params, about)
    if (about !== null && (ENDS.has(method) || (isUnloaded(fields?.status) && !this.#lanes.has(about)))) {
      this.unload(about)
    }
  }

  #unfollowed(method: string, params: unknown, threadId: string | null): void {
    for (const told of this.#beginnings) told.push({ method, params, threadId })
    this.#listener.notification(method, params, threadId)
  }

  #asked(request: RpcRequest): void {
    const fields = asFields(request.params)
    const threadId = asText(fields?.threadId) ?? asText(fields?.conversationId)
    const lane = threadId === null ? undefined : this.#laneOf(threadId)
    if (lane) lane.asked(request)
    else if (!this.#listener.request(request, threadId) && threadId !== null) {
      this.#unclaimed.set(threadId, [...(this.#unclaimed.get(threadId) ?? []), request])
    }
  }

  #claim(): void {
    for (const [threadId, requests] of this.#unclaimed) {
      const lane = this.#lanes.has(threadId) ? undefined : this.#laneOf(threadId)
      if (!lane) continue
      this.#unclaimed.delete(threadId)
      for (const request of requests) lane.asked(request)
    }
  }

  #resolved(threadId: string | null, requestId: unknown): void {
    if (threadId === null) return
    const left = this.#unclaimed.get(threadId)?.filter(({ id }) => id !== requestId) ?? []
    if (left.length > 0) this.#unclaimed.set(threadId, left)
    else this.#unclaimed.delete(threadId)
  }

  #laneOf(threadId: string): Lane | undefined {
    let at: string | undefined = threadId
    for (let depth = 0; at !== undefined && depth < MAX_DEPTH; depth++) {
      const lane = this.#lanes.get(at)
      if (lane) return lane
      at = this.#parents.get(at)
    }
    return undefined
  }

  /** A thread is not there any more. */
  unload(threadId: string): void {
    this.#parents.delete(threadId)
    this.#unclaimed.delete(threadId)
    this.#lanes.get(threadId)?.end({ kind: 'ended', message: 'Codex has unloaded this thread' })
  }

  #ended(cause: CloseCause): void {
    this.#endLanes(cause)
    this.#listener.closed(cause)
  }

  #endLanes(cause: CloseCause): void {
    this.#cause ??= cause
    for (const lane of [...this.#lanes.values()]) lane.end(this.#cause)
  }
}

/**
 * *This is deliberate*: `notLoaded` alone ends nothing that is followed. A thread whose turns are taken back is unloaded and
 * loaded again at once (0.169); whoever has a clock says when it stays away (`unload`).
 */
const ENDS: ReadonlySet<string> = new Set(['thread/closed', 'thread/deleted'])
