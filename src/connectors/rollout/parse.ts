/**
 * The parser of all generations of the rollout format (0.47 to 0.169): a line and what was known before it become
 * session events. It keeps nothing of its own, reads no file and no clock, and never throws for what a line contains:
 * the same lines give the same events, whenever and in however many pieces they are read.
 */
import { asFields, asNumber, asText, type Fields, secondsToMs } from '../codex/decode.ts'
import { readTurnError } from '../codex/items.ts'
import type { SessionEvent, SourceTurn } from '../event.ts'
import { camel, onMeta, onSettings, onTokenCount } from './facts.ts'
import type { RolloutLine } from './line.ts'
import { onAgentMessage, onReasoning, onReview, onUserMessage, showCompaction } from './messages.ts'
import type { ParserState } from './parser-state.ts'
import { Reading, type Rule } from './reading.ts'
import { forgetCall, onToolCall, onToolOutput } from './tool-calls.ts'
import { commandEnd, mcpEnd, patchEnd, webSearchCall, webSearchEnd } from './tool-events.ts'
import { endTurn, openTurn, removeTurns, reopenTurn, startTurn } from './turns.ts'
import { readTypedItem } from './typed-items.ts'

/** Read one line. Changes `state`, which is what must be handed in with the next line. */
export function parseLine(state: ParserState, line: RolloutLine): SessionEvent[] {
  const reading = new Reading(state, line)
  const inner = asText(line.payload.type)
  const rule = findRule(line.type, inner)
  if (rule) rule(reading, line.payload)
  else if (line.type === 'event_msg' && inner !== null && !IGNORED.has(inner))
    reading.emit({ type: 'opaque', method: `rollout/${inner}`, params: line.payload })
  if (reading.events.length > 0 && line.at !== null) state.lastAt = line.at
  return reading.events
}

function findRule(type: string, inner: string | null): Rule | undefined {
  if (type === 'event_msg') return inner === null ? undefined : EVENTS.get(inner)
  if (type === 'response_item') return inner === null ? undefined : RESPONSES.get(inner)
  return LINES.get(type)
}

/** Beginnings of what is told again at its end, and notices meant for the terminal's own screen. */
const IGNORED: ReadonlySet<string> = new Set([
  'exec_command_begin',
  'exec_command_output_delta',
  'exec_approval_request',
  'apply_patch_approval_request',
  'patch_apply_begin',
  'mcp_tool_call_begin',
  'web_search_begin',
  'item_started',
  'agent_message_delta',
  'agent_reasoning_section_break',
  'plan_update',
  'plan_delta',
  'turn_diff',
  'session_configured',
  'thread_goal_updated',
  'background_event',
  'raw_response_item',
  'shutdown_complete',
])

const turnStarted: Rule = (reading, event) => {
  const id = asText(event.turn_id)
  reading.state.contextWindow = asNumber(event.model_context_window) ?? reading.state.contextWindow
  if (id === null) return
  reading.state.hasBoundaries = true
  // The reviewer's own turn inside the one of its review (0.169).
  if (asText(event.root_turn_id) !== id && asText(event.root_turn_id) === reading.state.turn?.id) return
  startTurn(reading, id, { inferred: false, startedAt: reading.at ?? secondsToMs(event.started_at) })
}

const turnCompleted: Rule = (reading, event) => {
  if (isOtherTurn(reading, event)) return
  endTurn(reading, 'completed', reading.at ?? secondsToMs(event.completed_at), readError(event.error))
}

const turnAborted: Rule = (reading, event) => {
  if (isOtherTurn(reading, event)) return
  const { reason } = event
  // A person's own interruption and a turn that gave way to a new prompt need no explanation.
  const isPlain = reason === 'interrupted' || reason === 'replaced' || typeof reason !== 'string'
  const error = isPlain ? null : { message: `The turn was aborted: ${reason}.`, code: camel(reason) }
  endTurn(reading, 'interrupted', reading.at ?? secondsToMs(event.completed_at), error)
}

/** The end of a turn that is not the open one: it ended when the next began. */
function isOtherTurn(reading: Reading, event: Fields): boolean {
  const id = asText(event.turn_id)
  return (
    id !== null && reading.state.turn !== null && reading.state.turn.id !== id && !reading.state.turn.inferred
  )
}

function readError(value: unknown): SourceTurn['error'] {
  const error = asFields(value)
  const info = error?.codex_error_info
  const name = asText(info) ?? Object.keys(asFields(info) ?? {})[0]
  return readTurnError({ message: error?.message, codexErrorInfo: name === undefined ? null : camel(name) })
}

const itemCompleted: Rule = (reading, event) => {
  const item = readTypedItem(event)
  if (!item) return
  const words = item.type === 'userMessage' ? promptText(item.body) : item.body.text
  if (typeof words === 'string' && reading.isTwin(item.type, words, 'item')) return
  forgetCall(reading, item.id)
  reopenTurn(reading, asText(event.turn_id))
  const isReview = item.type === 'enteredReviewMode'
  const told = asText(event.turn_id)
  // Nothing says that a review begins but this.
  if (isReview && told !== null) startTurn(reading, told, { inferred: false, startedAt: reading.at })
  const { turn } = reading.state
  const isReviewers = asText(event.thread_id) !== null && asText(event.thread_id) !== reading.state.threadId
  // A command may end long after its turn did.
  const turnId = (isReviewers ? turn?.id : told) ?? told ?? turn?.id ?? openTurn(reading).id
  if (turn?.id === turnId) turn.answered = item.type === 'agentMessage'
  reading.state.compactionShown = false
  reading.item(turnId, item)
}

function promptText(body: Fields): string | null {
  const [first] = Array.isArray(body.content) ? (body.content as unknown[]) : []
  return asText(asFields(first)?.text)
}

const error: Rule = (reading, event) => {
  const failure = readError(event)
  if (!failure) return
  const { turn } = reading.state
  if (turn) turn.error = failure
  reading.emit({ type: 'error', turnId: turn?.id ?? null, message: failure.message, willRetry: false })
}

const streamError: Rule = (reading, event) => {
  const message = asText(event.message)
  if (message === null) return
  reading.emit({ type: 'error', turnId: reading.state.turn?.id ?? null, message, willRetry: true })
}

const warning: Rule = (reading, event) => {
  const message = asText(event.message)
  if (message !== null) reading.emit({ type: 'warning', message })
}

const rolledBack: Rule = (reading, event) => {
  const count = asNumber(event.num_turns) ?? 0
  const gone = new Set(count > 0 ? reading.state.turns.slice(-count).map(({ id }) => id) : [])
  removeTurns(reading, ({ id }) => gone.has(id))
}

const compacted: Rule = (reading) => {
  // 0.169 shows it with an item that has an id of its own.
  if (reading.ordinal !== null) return
  showCompaction(reading)
  reading.state.compactionShown = true
}

const contextCompacted: Rule = (reading) => {
  if (!reading.state.compactionShown) showCompaction(reading)
  reading.state.compactionShown = false
}

const nameUpdated: Rule = (reading, event) => {
  reading.emit({ type: 'thread', facts: { name: asText(event.thread_name) } })
}

/** By the line's own type. */
const LINES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['session_meta', onMeta],
  ['turn_context', onSettings],
  ['compacted', compacted],
])

/** `event_msg`, by the event. */
const EVENTS: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['task_started', turnStarted],
  ['turn_started', turnStarted],
  ['task_complete', turnCompleted],
  ['turn_complete', turnCompleted],
  ['turn_aborted', turnAborted],
  ['user_message', onUserMessage],
  ['agent_message', onAgentMessage],
  ['agent_reasoning', (reading, event) => onReasoning(reading, asText(event.text), 'summary')],
  ['agent_reasoning_raw_content', (reading, event) => onReasoning(reading, asText(event.text), 'content')],
  ['item_completed', itemCompleted],
  ['token_count', onTokenCount],
  ['thread_settings_applied', (reading, event) => onSettings(reading, asFields(event.thread_settings) ?? {})],
  ['thread_name_updated', nameUpdated],
  ['thread_rolled_back', rolledBack],
  ['context_compacted', contextCompacted],
  ['entered_review_mode', (reading, event) => onReview(reading, 'enteredReviewMode', event)],
  ['exited_review_mode', (reading, event) => onReview(reading, 'exitedReviewMode', event)],
  ['exec_command_end', commandEnd],
  ['patch_apply_end', patchEnd],
  ['mcp_tool_call_end', mcpEnd],
  ['web_search_end', webSearchEnd],
  ['error', error],
  ['stream_error', streamError],
  ['warning', warning],
])

/** `response_item`: what the model said and was given. */
const RESPONSES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['function_call', onToolCall],
  ['custom_tool_call', onToolCall],
  ['local_shell_call', onToolCall],
  ['function_call_output', onToolOutput],
  ['custom_tool_call_output', onToolOutput],
  ['web_search_call', webSearchCall],
])
