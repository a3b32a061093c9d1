/**
 * Looks at one thread of a `CODEX_HOME` and gives it its session, once. Threads the hub has open itself are recognised by
 * their id and left alone; a rollout that says nothing makes no session until it does.
 */
import { mintId } from '../../base/id.ts'
import type { DaemonThread } from '../../connectors/daemon/daemon-thread.ts'
import { outlineThread, type RolloutOutline } from '../../connectors/rollout/head-tail.ts'
import { isWritten, stampOf, type WatchedThread } from '../../connectors/rollout/thread-files.ts'
import { listWriters } from '../../connectors/rollout/writer-lock.ts'
import { lookAtGit } from '../read-git.ts'
import type { Session } from '../session/session.ts'
import { adoptedSession, outlinePatch } from './adopted-session.ts'
import type { AdoptionRooms } from './adoption.ts'
import { SideFiles } from './side-files.ts'

/** What the home knows of a thread now. */
export interface HomeThreads {
  threadOf(threadId: string): WatchedThread | null
  /** Null where no daemon has it open. */
  loadedOf(threadId: string): DaemonThread | null
}

export class ThreadLooks {
  readonly #codexHome: string
  readonly #rooms: AdoptionRooms
  readonly #home: HomeThreads
  readonly #sideFiles: SideFiles
  /** Threads whose rollout says nothing. */
  readonly #hollow = new Set<string>()

  constructor(codexHome: string, rooms: AdoptionRooms, home: HomeThreads) {
    this.#codexHome = codexHome
    this.#rooms = rooms
    this.#home = home
    this.#sideFiles = new SideFiles(codexHome, rooms.clock, rooms.endedAfterMs)
  }

  /** What is wrong with rollouts that make no session, in words. */
  get problems(): string[] {
    const [first] = this.#hollow
    if (first === undefined) return []
    const path = this.#home.threadOf(first)?.paths.at(-1) ?? first
    const count = this.#hollow.size === 1 ? 'One rollout holds' : `${this.#hollow.size} rollouts hold`
    return [`${count} nothing that can be read, and no session: ${path}`]
  }

  /** Its rollout is gone. */
  forget(threadId: string): void {
    this.#hollow.delete(threadId)
  }

  /** @throws what reading the rollout, or opening a door to it, threw */
  async look(threadId: string): Promise<void> {
    const { registry, known, dropped } = this.#rooms
    // A thread that nobody knows may be one of ours, whose name is still on its way.
    if (!registry.byThread(threadId)) await registry.startsSettled()
    if (dropped.has(threadId)) return
    // Nothing is written by a process that dies: what was left in a turn is read for how that ended.
    const isLeft = known.takeUnfinished(threadId)
    if (this.#home.loadedOf(threadId)) {
      await this.#lookAtLoaded(threadId)
      return
    }
    const thread = this.#home.threadOf(threadId)
    if (!thread) return
    const session = registry.byThread(threadId)
    const before = session?.door.changes ?? 0
    // What was found out is about a session as it was: one that the hub has come to since, or has ended, is left alone.
    const isAsItWas = (now: Session): boolean => !now.isBusy && now.door.changes === before
    const stored = known.get(threadId)
    const stamp = stampOf(thread)
    if (session && session.summary.archived !== thread.isArchived && !session.isBusy)
      session.record.patchSummary({ archived: thread.isArchived })
    // Ours, or being read already: what happens in it reaches the session through its door.
    if (session?.isBusy || registry.holds(threadId)) {
      if (session) await this.#noticeOthers(session, thread)
      return
    }
    // A command is at it (bringing it back, say), and what it changes in the files is no news from others.
    if (session && !session.turns.isFree) return
    if (stored?.sessionId === null && !session && stored.stamp === stamp) return
    const isChanged = stored !== undefined && isWritten(stored.stamp, stamp)
    const isOthers = session !== null && (isLeft || isChanged || (await this.#sideFiles.isHeld(thread)))
    if (session && ((stored !== undefined && !isOthers) || !isAsItWas(session))) return
    const entry = { threadId, codexHome: this.#codexHome, stamp, readStamp: stored?.readStamp ?? null }
    if (session && session.summary.counters.turns > 0) {
      known.put({ ...entry, sessionId: session.id })
      // Its turns are known; what others added is compared with them. That nobody looked at it before says nothing of
      // others: nobody looks at what the hub drives.
      if (isOthers) await registry.open(session.id, 'observe')
      return
    }
    const adopted = await this.#adopt(threadId, thread.paths, thread.isArchived)
    if ((adopted && !isAsItWas(adopted)) || this.#hollow.has(threadId)) return
    known.put({ ...entry, sessionId: adopted?.id ?? null })
    if (!adopted || !(await this.#sideFiles.isLive(thread)) || !isAsItWas(adopted)) return
    await registry.open(adopted.id, 'observe')
    lookAtGit(adopted)
  }

  /** Releases without a writer lock let somebody else go on with what the hub drives, and neither hears of the other. */
  async #noticeOthers(session: Session, { threadId, paths }: WatchedThread): Promise<void> {
    const isIdle = (): boolean => session.connector?.door === 'driven' && session.phase === 'idle'
    const writers = isIdle() ? await listWriters(this.#codexHome, threadId, paths) : []
    const last = writers.at(-1)
    if (!last || writers.length < 2 || !isIdle()) return
    const { pid, command } = writers.find((each) => !each.command?.includes(' app-server')) ?? last
    const who = `Process ${pid}${command === null ? '' : ` (${command.slice(0, 200)})`}`
    // In words that stay true when it is over.
    const note = `${who} went on with it, too: what was said there is seen here once it was ended here and is opened again.`
    session.record.patchSummary({ note })
  }

  /** The daemon has it open: follow it there as long as something happens or somebody looks. */
  async #lookAtLoaded(threadId: string): Promise<void> {
    const { registry } = this.#rooms
    const loaded = this.#home.loadedOf(threadId)
    const rolloutPath = loaded?.facts.rolloutPath
    if (!loaded || !rolloutPath) return
    const session = registry.byThread(threadId) ?? (await this.#adopt(threadId, [rolloutPath], false))
    if (!session) return
    await session.door.settled()
    const door = session.connector?.door
    if (door === 'driven' || door === 'attached' || !this.#home.loadedOf(threadId)) return
    await registry.open(session.id, 'join')
    lookAtGit(session)
  }

  /** Give a thread its session, or tell its session what the file says. @returns null for what is nobody's session */
  async #adopt(threadId: string, paths: readonly string[], isArchived: boolean): Promise<Session | null> {
    const { registry, clock, log } = this.#rooms
    const outline = await outlineThread(threadId, paths)
    const names = await this.#sideFiles.names()
    const { subagent, parentThreadId } = outline.origin
    // Helpers of Codex itself, and what worked for a session that was deleted, are nobody's.
    if (subagent && (subagent.kind !== 'thread_spawn' || parentThreadId === null)) return null
    if (parentThreadId !== null && (!subagent || this.#rooms.dropped.has(parentThreadId))) return null
    if (isHollow(outline)) {
      this.#hollow.add(threadId)
      return null
    }
    this.#hollow.delete(threadId)
    const facts = { codexHome: this.#codexHome, outline, name: names.get(threadId) ?? null, isArchived }
    // Asked only now, and nothing awaited until it is there: two looks at one thread must not make two sessions.
    const owner = registry.byThread(threadId)
    if (!owner && this.#rooms.dropped.has(threadId)) return null
    if (owner) {
      if (!owner.isBusy) owner.record.patchSummary(outlinePatch(owner.summary, facts))
      return owner
    }
    const session = registry.adopt(adoptedSession(mintId('ses', clock.now()), facts))
    log.debug({ threadId, sessionId: session.id }, 'a session others started was adopted')
    return session
  }
}

/** Empty, or garbage: neither a folder nor a word. */
function isHollow({ facts, firstPrompt, lastMessage }: RolloutOutline): boolean {
  return facts.cwd === undefined && firstPrompt === null && lastMessage === null
}
