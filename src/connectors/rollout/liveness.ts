/**
 * What can honestly be said of a session that is only observed: a sentence with its evidence and its age, never a claim
 * that was stored (L3). Pure. Silence is called silence; that a session is over is inferred from two things together,
 * nobody writing its thread and nothing happening for a while, and is undone as soon as the file grows again. Where it
 * says `idle` or `ended` while the parser still has a turn open, `RolloutReader.conclude` tells the session the same.
 */
import type { ParserState } from './parser-state.ts'
import { canSettle } from './turns.ts'
import type { WriterLock } from './writer-lock.ts'

export interface Evidence {
  readonly parser: ParserState
  /** When the file was last seen to be written, milliseconds since 1970. */
  readonly grewAt: number
  readonly lock: WriterLock
  readonly now: number
  /** How long nobody must have written for a session to be over. */
  readonly endedAfterMs?: number
}

export interface Liveness {
  readonly state: /** A turn is open and the file grew a moment ago. */
    | 'working'
    /** A tool was called and gave nothing back yet. */
    | 'waiting'
    /** A turn is open and nothing happens. */
    | 'silent'
    /** No turn is open; somebody may still go on with it. */
    | 'idle'
    /** Nobody has it open any more. */
    | 'ended'
  /** Since when, by the file. */
  readonly since: number
  /** For a person. */
  readonly sentence: string
}

export const ENDED_AFTER_MS = 120_000
/** A model may think for this long without a line. */
const SILENT_AFTER_MS = 120_000
/** An answer was the last word of a turn whose end is not marked, when nothing followed for so long. */
const SETTLE_AFTER_MS = 10_000

export function judge(evidence: Evidence): Liveness {
  const { parser, grewAt, lock, now, endedAfterMs = ENDED_AFTER_MS } = evidence
  const quietMs = Math.max(0, now - grewAt)
  const is = (state: Liveness['state'], sentence: string): Liveness => ({ state, since: grewAt, sentence })
  const isOpen = parser.turn !== null && !(canSettle(parser) && quietMs >= SETTLE_AFTER_MS)
  // Where the system does not tell who writes, an open turn may be a long tool: only a closed one can be over.
  const isReleased = lock.state === 'free' || (lock.state === 'unknown' && !isOpen)
  if (isReleased && quietMs >= endedAfterMs)
    return is('ended', isOpen ? 'Its process is gone; the last turn was cut short.' : endOf(parser))
  if (!isOpen) return is('idle', endOf(parser))
  if (hasOpenCall(parser))
    return is('waiting', 'A tool is running, or it waits for approval in its own terminal.')
  if (quietMs >= SILENT_AFTER_MS) return is('silent', `Silent for ${Math.floor(quietMs / 60_000)} min.`)
  return is('working', 'Working.')
}

function hasOpenCall({ turn, calls }: ParserState): boolean {
  return Object.values(calls).some((call) => call.turnId === turn?.id)
}

function endOf({ turn, lastEnd }: ParserState): string {
  switch (turn ? 'completed' : lastEnd) {
    case 'completed':
      return 'Finished.'
    case 'interrupted':
      return 'Interrupted.'
    case 'failed':
      return 'Failed.'
    default:
      return 'Nothing has been asked yet.'
  }
}
