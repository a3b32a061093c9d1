/** What was said, as the events of 0.47 to 0.142 tell it: prompts, answers, reasoning, reviews, compactions. */
import { asFields, asList, asText, asTexts, type Fields } from '../codex/decode.ts'
import { reviewText } from '../codex/review-findings.ts'
import type { SourceItem } from '../event.ts'
import type { OpenTurn } from './parser-state.ts'
import type { Reading } from './reading.ts'
import { deriveItemId, inferTurn, openTurn, turnOfPrompt } from './turns.ts'

export function onUserMessage(reading: Reading, event: Fields): void {
  const text = asText(event.message)
  // 0.47 marks the texts Codex itself puts before a prompt (`environment_context`, `user_instructions`).
  if (text === null || (event.kind !== undefined && event.kind !== 'plain')) return
  if (reading.isTwin('userMessage', text, 'event')) return
  reading.state.compactionShown = false
  const turn = turnOfPrompt(reading)
  turn.answered = false
  reading.state.reasoning = null
  const content = [
    ...(text === '' ? [] : [{ type: 'text', text, text_elements: asList(event.text_elements) }]),
    ...asTexts(event.images).map((url) => ({ type: 'image', url })),
    ...asTexts(event.local_images).map((path) => ({ type: 'localImage', path })),
  ]
  addItem(reading, turn, 'userMessage', { clientId: asText(event.client_id), content })
}

export function onAgentMessage(reading: Reading, event: Fields): void {
  const text = asText(event.message)
  if (text === null || reading.isTwin('agentMessage', text, 'event')) return
  // 0.47 tells the end of a compaction in the agent's name.
  if (reading.state.compactionShown && text === 'Compact task completed') {
    reading.state.compactionShown = false
    return
  }
  const turn = openTurn(reading)
  turn.answered = true
  reading.state.reasoning = null
  addItem(reading, turn, 'agentMessage', { text, phase: event.phase ?? null, memoryCitation: null })
}

/** One event for each part of a summary; an app-server shows them as one item, and so does this. */
export function onReasoning(reading: Reading, text: string | null, part: 'summary' | 'content'): void {
  if (text === null || reading.isTwin('reasoning', text, 'event')) return
  const turn = openTurn(reading)
  turn.answered = false
  const known = reading.state.reasoning ?? { id: deriveItemId(turn), summary: [], content: [] }
  known[part].push(text)
  reading.state.reasoning = known
  const body = { summary: [...known.summary], content: [...known.content] }
  reading.item(turn.id, completed(reading, known.id, 'reasoning', body))
}

/** A compaction before a prompt belongs to the turn of that prompt, which no older release marks. */
export function showCompaction(reading: Reading): void {
  const { turn } = reading.state
  const isBetween = !turn || (turn.inferred && turn.answered)
  addItem(reading, isBetween ? inferTurn(reading, true) : turn, 'contextCompaction', {})
}

export function onReview(
  reading: Reading,
  type: 'enteredReviewMode' | 'exitedReviewMode',
  event: Fields,
): void {
  const output = asFields(event.review_output)
  const review =
    asText(event.user_facing_hint) ?? (output ? reviewText(output) : (asText(event.review) ?? ''))
  addItem(reading, openTurn(reading), type, { review })
}

function addItem(reading: Reading, turn: OpenTurn, type: string, body: Fields): void {
  reading.item(turn.id, completed(reading, deriveItemId(turn), type, body))
}

export function completed(reading: Reading, id: string, type: string, body: Fields): SourceItem {
  return { id, type, status: 'completed', startedAt: reading.at, completedAt: reading.at, body }
}
