/**
 * A thread that is followed stays open in its daemon, and its lock held, also after the last terminal left it. So what
 * is idle and looked at by nobody is let go of; the daemon tells when something happens in it again.
 */
import type { Timer } from '../../base/clock.ts'
import type { AdoptionRooms } from './adoption.ts'

/** A thread of the daemon is let go of when it was idle and looked at by nobody for this long. Milliseconds. */
const LEAVE_MS = 60_000
const LOOK_MS = 15_000
const OPEN_THERE = 'Open in the Codex daemon.'

export class Leaving {
  readonly #rooms: AdoptionRooms
  readonly #loaded: () => ReadonlyMap<string, unknown>
  #timer: Timer | null = null

  /** @param loaded the daemon's threads, by their ids */
  constructor(rooms: AdoptionRooms, loaded: () => ReadonlyMap<string, unknown>) {
    this.#rooms = rooms
    this.#loaded = loaded
  }

  start(): void {
    this.#timer = this.#rooms.clock.after(LOOK_MS, () => {
      for (const threadId of this.#loaded().keys()) this.#look(threadId)
      this.start()
    })
  }

  close(): void {
    this.#timer?.cancel()
  }

  /** The daemon does not have it open any more. */
  gone(threadId: string): void {
    const record = this.#rooms.registry.byThread(threadId)?.record
    if (record?.summary.note === OPEN_THERE) record.patchSummary({ note: null })
  }

  #look(threadId: string): void {
    const { clock, registry, log } = this.#rooms
    const session = registry.byThread(threadId)
    if (session?.connector?.door !== 'attached' || session.phase !== 'idle') return
    const quietMs = clock.now() - Math.max(session.summary.evidenceAt ?? 0, session.summary.updatedAt)
    if (quietMs < LEAVE_MS || session.record.isFollowed || !session.turns.isFree) return
    registry
      .stop(session.id, { rest: 'dormant' })
      .then(() => {
        const isOpenThere = this.#loaded().has(threadId) && !session.isBusy
        if (isOpenThere) session.record.patchSummary({ note: OPEN_THERE })
      })
      .catch((error: unknown) => log.warn({ err: error, threadId }, 'a thread could not be let go of'))
  }
}
