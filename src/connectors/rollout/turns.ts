/**
 * Where turns begin and end. Since 0.120 a rollout says so; before that a turn begins with a prompt and is over when the
 * next one comes, when it is aborted, or when an answer is followed by silence (`settleTurn`).
 */
import type { SessionEvent, SourceTurn } from '../event.ts'
import { KNOWN_TURNS, type OpenTurn, type ParserState } from './parser-state.ts'
import { Reading } from './reading.ts'

export function startTurn(
  reading: Reading,
  id: string,
  how: { inferred: boolean; startedAt: number | null; onlyCompaction?: boolean },
): OpenTurn {
  const { state } = reading
  if (state.turn) {
    // Told twice: the same turn goes on.
    if (state.turn.id === id) return state.turn
    endTurn(reading, statusOfUnended(state.turn), state.lastAt)
  }
  const turn: OpenTurn = {
    id,
    startedAt: how.startedAt,
    inferred: how.inferred,
    answered: false,
    items: 0,
    onlyCompaction: how.onlyCompaction ?? false,
    error: null,
  }
  state.turns.push({ id, ordinal: reading.ordinal })
  if (state.turns.length > KNOWN_TURNS) state.turns.shift()
  open(reading, turn)
  return turn
}

function open(reading: Reading, turn: OpenTurn): void {
  reading.state.turn = turn
  reading.state.settled = null
  reading.state.reasoning = null
  reading.emit({ type: 'status', status: 'active', flags: [] })
  reading.emit({ type: 'turnStarted', turn: asSource(turn, 'inProgress', null) })
}

/** The open turn, for something that belongs to one; begins one where the rollout does not say where it began. */
export function openTurn(reading: Reading): OpenTurn {
  const { state } = reading
  if (state.turn) return state.turn
  if (state.settled) {
    const turn = state.settled
    open(reading, turn)
    return turn
  }
  return inferTurn(reading, false)
}

export function inferTurn(reading: Reading, onlyCompaction: boolean): OpenTurn {
  reading.state.inferredTurns += 1
  const id = `turn-${reading.state.inferredTurns}`
  return startTurn(reading, id, { inferred: true, startedAt: reading.at, onlyCompaction })
}

/** A prompt came: the turn it belongs to. */
export function turnOfPrompt(reading: Reading): OpenTurn {
  const { turn } = reading.state
  if (turn && (!turn.inferred || turn.onlyCompaction)) {
    turn.onlyCompaction = false
    return turn
  }
  return inferTurn(reading, false)
}

type End = Exclude<SourceTurn['status'], 'inProgress'>

export function endTurn(
  reading: Reading,
  status: End,
  completedAt: number | null,
  error: SourceTurn['error'] = null,
): void {
  const { state } = reading
  const { turn } = state
  if (!turn) return
  for (const [callId, call] of Object.entries(state.calls)) {
    if (call.turnId !== turn.id) continue
    delete state.calls[callId]
    // What has no output when its turn is over never ran to its end.
    if (call.item) reading.item(turn.id, { ...call.item, status: 'interrupted', completedAt })
  }
  state.turn = null
  state.settled = null
  state.reasoning = null
  const cause = error ?? turn.error
  const ended = cause && status === 'completed' ? 'failed' : status
  state.lastEnd = ended
  reading.emit({ type: 'turnCompleted', turn: asSource({ ...turn, error: cause }, ended, completedAt) })
  reading.emit({ type: 'status', status: 'idle', flags: [] })
}

/** Whether nothing but time can tell that the turn is over, and its newest words are an answer. */
export function canSettle(state: ParserState): boolean {
  return (state.turn?.inferred && state.turn.answered) ?? false
}

/** Take an inferred turn for finished, since its answer was followed by silence. Undone when the file goes on. */
export function settleTurn(state: ParserState): SessionEvent[] {
  return canSettle(state) ? closeQuietly(state, 'completed', null) : []
}

/** Take the open turn for lost, since whoever wrote it is gone. Undone when the file goes on. */
export function loseTurn(state: ParserState): SessionEvent[] {
  if (canSettle(state)) return settleTurn(state)
  const message = 'The process that ran this turn is gone.'
  return closeQuietly(state, 'interrupted', { message, code: 'processGone' })
}

function closeQuietly(state: ParserState, status: End, error: SourceTurn['error']): SessionEvent[] {
  const reading = new Reading(state, { at: state.lastAt, ordinal: null })
  const { turn } = state
  endTurn(reading, status, state.lastAt, error)
  state.settled = turn
  return reading.events
}

/** Something of a turn that was taken for over: it was not. */
export function reopenTurn(reading: Reading, id: string | null): void {
  const { turn, settled } = reading.state
  if (!turn && settled && settled.id === id) open(reading, settled)
}

function statusOfUnended(turn: OpenTurn): End {
  return turn.inferred && turn.answered ? 'completed' : 'interrupted'
}

/** Forget turns that are no longer part of the thread. */
export function removeTurns(reading: Reading, gone: (turn: ParserState['turns'][number]) => boolean): void {
  const { state } = reading
  const turnIds = state.turns.filter(gone).map(({ id }) => id)
  if (turnIds.length === 0) return
  state.turns = state.turns.filter(({ id }) => !turnIds.includes(id))
  for (const [callId, call] of Object.entries(state.calls))
    if (turnIds.includes(call.turnId)) delete state.calls[callId]
  for (const [name, terminal] of Object.entries(state.terminals))
    if (turnIds.includes(terminal.turnId)) delete state.terminals[name]
  if (state.turn && turnIds.includes(state.turn.id)) {
    state.turn = null
    reading.emit({ type: 'status', status: 'idle', flags: [] })
  }
  state.settled = null
  reading.emit({ type: 'removed', turnIds })
}

/** An id for an item whose release gives it none: the same whenever the file is read. */
export function deriveItemId(turn: OpenTurn): string {
  turn.items += 1
  return `${turn.id}:${turn.items}`
}

function asSource(turn: OpenTurn, status: SourceTurn['status'], completedAt: number | null): SourceTurn {
  return { id: turn.id, status, error: turn.error, startedAt: turn.startedAt, completedAt }
}
