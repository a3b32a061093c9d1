/**
 * What a parser knows between two lines. Plain JSON and small, because it is stored with every batch that was read:
 * calls that wait for their output, the open turn, and what was reported last so that it is not reported twice.
 */
import type { Settings } from '../../protocol/settings.ts'
import type { Tokens } from '../../protocol/summary.ts'
import type { TurnStatus } from '../../protocol/turn.ts'
import type { SourceItem } from '../event.ts'

export interface OpenTurn {
  id: string
  startedAt: number | null
  /** Begun by a prompt, since releases up to 0.98 do not write where a turn begins and ends. */
  inferred: boolean
  /** The newest thing in it is an answer in words, with no tool asked for after it. */
  answered: boolean
  /** Derived item ids given so far. */
  items: number
  /** Nothing but a compaction yet: the prompt that caused it follows. */
  onlyCompaction: boolean
  error: { message: string; code: string | null } | null
}

export interface OpenCall {
  turnId: string
  /** How its output is to be read. */
  kind: 'command' | 'patch' | 'mcp' | 'tool' | 'plan' | 'input'
  /** Null for calls that are no items themselves (`update_plan`, `write_stdin`). */
  item: SourceItem | null
  /** `input`: the terminal written to. */
  terminal?: string
}

export interface ParserState {
  threadId: string | null
  turn: OpenTurn | null
  /** The turn that was taken for over because nothing followed; opened again if something does. */
  settled: OpenTurn | null
  /** How the newest turn that is over ended. */
  lastEnd: Exclude<TurnStatus, 'inProgress'> | null
  /** Whether this file says where turns begin. */
  hasBoundaries: boolean
  inferredTurns: number
  /** Newest turns, for reverts. */
  turns: { id: string; ordinal: number | null }[]
  calls: Record<string, OpenCall>
  /** Commands that went on in the background, by Codex's terminal session id. */
  terminals: Record<string, { callId: string; turnId: string; item: SourceItem }>
  cwd: string | null
  settings: Partial<Settings>
  tokens: Tokens | null
  contextWindow: number | null
  /** Time of the newest line that said anything. */
  lastAt: number | null
  /** Newest message, to drop its twin in the other representation. */
  said: { key: string; source: 'event' | 'item' } | null
  /** Summary parts of the reasoning item being put together. */
  reasoning: { id: string; summary: string[]; content: string[] } | null
  /** A `compacted` line was shown as an item and its event is still to come. */
  compactionShown: boolean
}

/** How many turns back a revert can be followed. */
export const KNOWN_TURNS = 200
/** How many background commands are followed at once. */
export const KNOWN_TERMINALS = 32

export function newParserState(): ParserState {
  return {
    threadId: null,
    turn: null,
    settled: null,
    lastEnd: null,
    hasBoundaries: false,
    inferredTurns: 0,
    turns: [],
    calls: {},
    terminals: {},
    cwd: null,
    settings: {},
    tokens: null,
    contextWindow: null,
    lastAt: null,
    said: null,
    reasoning: null,
    compactionShown: false,
  }
}
