/**
 * One line of a rollout: an envelope `{timestamp, ordinal?, type, payload}`. Decides from the first bytes whether a line
 * can matter at all, so that the bulk of a file (copies of the conversation for the model) is never parsed as JSON.
 */
import { asFields, asNumber, asText, type Fields } from '../codex/decode.ts'

export interface RolloutLine {
  /** Milliseconds since 1970; null where the line does not say. */
  readonly at: number | null
  /** Position in the thread, of paginated history (0.169); null before that. */
  readonly ordinal: number | null
  /** `session_meta`, `turn_context`, `event_msg`, `response_item`, `compacted` …; open set. */
  readonly type: string
  readonly payload: Fields
}

export type DecodedLine =
  | { readonly kind: 'line'; readonly line: RolloutLine }
  /** Well-formed as far as looked at, and known to carry nothing that is shown. */
  | { readonly kind: 'passed'; readonly ordinal: number | null; readonly at: number | null }
  | { readonly kind: 'garbage' }

/** Codex writes the envelope's fields in this order since 0.32; a line in another order is parsed as a whole. */
const ENVELOPE =
  /^\{"timestamp":"([^"]{0,40})",(?:"ordinal":(\d{1,15}),)?"type":"(\w{1,40})"(?:,"payload":\{"type":"(\w{1,60})")?/
const PREFIX_BYTES = 200

/** What the model was sent or answered; every release repeats what a person sees of it as events. */
const PASSED = new Set([
  'response_item:message',
  'response_item:reasoning',
  'response_item:ghost_snapshot',
  'response_item:compaction',
])
const PASSED_TYPES = new Set(['world_state', 'token_usage_record'])

/** @param bytes the line without its LF; only read during the call */
export function decodeLine(bytes: Buffer): DecodedLine {
  const match = ENVELOPE.exec(bytes.toString('latin1', 0, Math.min(bytes.length, PREFIX_BYTES)))
  if (match) {
    const [, timestamp, ordinalText, type = '', inner] = match
    const ordinal = ordinalText === undefined ? null : Number(ordinalText)
    const at = readTime(timestamp)
    if (PASSED_TYPES.has(type) || PASSED.has(`${type}:${inner}`)) return { kind: 'passed', ordinal, at }
    // Its payload is the whole conversation once more; that it happened is all that is shown.
    if (type === 'compacted') return { kind: 'line', line: { at, ordinal, type, payload: {} } }
  }
  return parseWhole(bytes)
}

function parseWhole(bytes: Buffer): DecodedLine {
  let value: Fields | null
  try {
    value = asFields(JSON.parse(bytes.toString('utf8')))
  } catch {
    return { kind: 'garbage' }
  }
  const type = asText(value?.type)
  const payload = asFields(value?.payload)
  if (!value || type === null || !payload) return { kind: 'garbage' }
  const line = { at: readTime(value.timestamp), ordinal: asNumber(value.ordinal), type, payload }
  if (PASSED_TYPES.has(type) || PASSED.has(`${type}:${asText(payload.type)}`))
    return { kind: 'passed', ordinal: line.ordinal, at: line.at }
  return { kind: 'line', line }
}

export function readTime(value: unknown): number | null {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? null : at
}
