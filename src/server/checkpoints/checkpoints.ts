/**
 * What the files of a session were like before and after each of its turns, kept as commits of its repository that no branch
 * knows. Taken only where the configuration says so; a checkpoint that cannot be taken in time is left out, and never holds
 * up or fails a turn.
 */
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Session } from '../session/session.ts'
import { pruneRefs, refOf, type Side, writeRef } from './refs.ts'
import { commitTree, topOf, writeTree } from './tree.ts'

export interface CheckpointOptions {
  readonly isOn: boolean
  readonly clock: Clock
  readonly log: Log
}

/** How long looking at the files may take. Milliseconds. */
const TAKE_MS = 5_000
/** How long a work tree is left alone that was too large for that. Milliseconds. */
const REST_MS = 10 * 60_000
/** An end that is told later than this says nothing of the files at the end. Milliseconds. */
const LATE_MS = 5_000

const NOTHING = (): void => {}

export class Checkpoints {
  readonly #options: CheckpointOptions
  /** One at a time for each session: the end of a turn before the start of the next. */
  readonly #work = new Map<string, Promise<unknown>>()
  readonly #resting = new Map<string, number>()

  constructor(options: CheckpointOptions) {
    this.#options = options
  }

  /** Look at the files before a turn. @returns to be called with the turn's id once it is known */
  async beforeTurn(session: Session): Promise<(turnId: string) => void> {
    if (!this.#options.isOn) return NOTHING
    const taken = await this.#inTurn(session.id, () => this.#take(session.summary.cwd))
    if (!taken) return NOTHING
    const { top, tree } = taken
    return (turnId) => void this.#inTurn(session.id, () => this.#keep(top, tree, session.id, turnId, 'start'))
  }

  /** A turn that has a checkpoint of its start gets one of its end. */
  turnEnded(session: Session, turnId: string, completedAt: number | null): void {
    const { isOn, clock } = this.#options
    if (!isOn || completedAt === null || clock.now() - completedAt > LATE_MS) return
    void this.#inTurn(session.id, async () => {
      const taken = await this.#take(session.summary.cwd)
      if (taken) await this.#keep(taken.top, taken.tree, session.id, turnId, 'end')
    })
  }

  /** Resolves when what was begun for a session is done. */
  async settled(sessionId: string): Promise<void> {
    await this.#work.get(sessionId)
  }

  /** Nothing is kept of a session that is no more. */
  forget(session: Session): void {
    void this.#inTurn(session.id, async () => {
      const top = await topOf(session.summary.cwd)
      if (top !== null) await pruneRefs(top, session.id, 0)
    })
  }

  /** Null where there is no repository, or it takes too long. */
  async #take(cwd: string): Promise<{ readonly top: string; readonly tree: string } | null> {
    const { clock, log } = this.#options
    const top = await topOf(cwd)
    if (top === null || (this.#resting.get(top) ?? 0) > clock.now()) return null
    try {
      return { top, tree: await writeTree(top, TAKE_MS) }
    } catch (error) {
      this.#resting.set(top, clock.now() + REST_MS)
      log.warn({ err: error, top }, 'the files could not be looked at; no checkpoints for a while')
      return null
    }
  }

  async #keep(top: string, tree: string, sessionId: string, turnId: string, side: Side): Promise<void> {
    const commit = await commitTree(top, tree, `codex-hub: ${side} of turn ${turnId}`)
    await writeRef(top, refOf(sessionId, turnId, side), commit)
    if (side === 'start') await pruneRefs(top, sessionId)
  }

  /** After what was begun before, whatever became of that. A failure is logged and costs its checkpoint. */
  #inTurn<T>(sessionId: string, run: () => Promise<T>): Promise<T | null> {
    const before = this.#work.get(sessionId) ?? Promise.resolve()
    const work = before.then(run).catch((error: unknown) => {
      this.#options.log.warn({ err: error, sessionId }, 'a checkpoint could not be kept')
      return null
    })
    this.#work.set(sessionId, work)
    void work.then(() => {
      if (this.#work.get(sessionId) === work) this.#work.delete(sessionId)
    })
    return work
  }
}
