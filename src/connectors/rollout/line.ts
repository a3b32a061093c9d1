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
  | { readonly kind: 'passed'; readonly ordinal: number | null; readonly timestamp: unknown }
  | { readonly kind: 'garbage' }

const PREFIX_BYTES = 140
const START = '{"timestamp":"'
const ORDINAL = '"ordinal":'
/** What the model was sent or answered; every release repeats what a person sees of it as events. */
const PASSED = new Set([
  'response_item:message',
  'response_item:reasoning',
  'response_item:ghost_snapshot',
  'response_item:compaction',
])
const PASSED_TYPES = new Set(['world_state', 'token_usage_record'])
const PASSED_STARTS = [
  ...[...PASSED].map((name) => `"type":"${name.replace(':', '","payload":{"type":"')}"`),
  ...[...PASSED_TYPES].map((type) => `"type":"${type}"`),
]
const EVENT_LETTER = '"type":"'.length
const COMPACTED = '"type":"compacted"'

/**
 * @param bytes the line without its LF; only read during the call
 *
 * Since 0.32 Codex writes the envelope's fields in one order; a line in another order is parsed as a whole. Plain string
 * comparisons, because this runs for every line of files of many MB and a regular expression costs three times as much.
 */
export function decodeLine(bytes: Buffer): DecodedLine {
  const start = bytes.toString('latin1', 0, Math.min(bytes.length, PREFIX_BYTES))
  const timeEnd = start.startsWith(START) ? start.indexOf('"', START.length) : -1
  if (timeEnd < 0) return parseWhole(bytes)
  let at = timeEnd + 2
  let ordinal: number | null = null
  if (start.startsWith(ORDINAL, at)) {
    const end = start.indexOf(',', at)
    ordinal = Number(start.slice(at + ORDINAL.length, end))
    if (!Number.isSafeInteger(ordinal)) return parseWhole(bytes)
    at = end + 1
  }
  // Most lines are events: `"type":"event_msg"`.
  if (start.startsWith('e', at + EVENT_LETTER)) return parseWhole(bytes)
  const isPassed = PASSED_STARTS.some((known) => start.startsWith(known, at))
  // Its payload is the whole conversation once more; that it happened is all that is shown.
  const isCompacted = !isPassed && start.startsWith(COMPACTED, at)
  if (!isPassed && !isCompacted) return parseWhole(bytes)
  const timestamp = start.slice(START.length, timeEnd)
  if (isPassed) return { kind: 'passed', ordinal, timestamp }
  return { kind: 'line', line: { at: readTime(timestamp), ordinal, type: 'compacted', payload: {} } }
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
  const { timestamp } = value
  const ordinal = asNumber(value.ordinal)
  if (type !== 'event_msg' && (PASSED_TYPES.has(type) || PASSED.has(`${type}:${asText(payload.type)}`)))
    return { kind: 'passed', ordinal, timestamp }
  return { kind: 'line', line: { at: readTime(timestamp), ordinal, type, payload } }
}

export function readTime(value: unknown): number | null {
  if (typeof value !== 'string') return null
  const quick = readQuickly(value)
  const at = quick ?? Date.parse(value)
  return Number.isNaN(at) ? null : at
}

const QUICK = /^\d{4}-\d\d-\d\dT\d\d:\d\d:$/
let minute = ''
let minuteAt = 0

/** Codex writes `2026-01-01T00:00:00.000Z` on every line; of the next line only the seconds are new. */
function readQuickly(text: string): number | null {
  if (text.length !== 24 || text[19] !== '.' || text[23] !== 'Z') return null
  if (!text.startsWith(minute) || minute === '') {
    const prefix = text.slice(0, 17)
    if (!QUICK.test(prefix)) return null
    minute = prefix
    minuteAt = Date.parse(`${prefix}00Z`)
  }
  const digit = (index: number) => text.charCodeAt(index) - 48
  const ms = digit(20) * 100 + digit(21) * 10 + digit(22)
  return minuteAt + (digit(17) * 10 + digit(18)) * 1_000 + ms
}
