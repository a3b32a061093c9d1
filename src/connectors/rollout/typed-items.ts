/**
 * Typed items of `event_msg: item_completed` (all items in 0.169, plans before that) as the app-server of the same
 * release reports them: same ids, same bodies, so that a session that is taken over shows none of them twice.
 */
import { fileURLToPath } from 'node:url'
import { asFields, asList, asNumber, asText, asTexts, type Fields } from '../codex/decode.ts'
import { readItem } from '../codex/items.ts'
import { reviewText } from '../codex/review-findings.ts'
import type { SourceItem } from '../event.ts'
import { camel } from './facts.ts'
import { readChangeMap } from './patch.ts'
import { quoteCommand } from './quote-command.ts'

/** @param event the `item_completed` payload */
export function readTypedItem(event: Fields): SourceItem | null {
  const item = asFields(event.item)
  const id = asText(item?.id)
  const name = asText(item?.type)
  if (!item || id === null || name === null) return null
  const type = name.charAt(0).toLowerCase() + name.slice(1)
  const read = BODIES.get(type) ?? readOther
  const times = { startedAtMs: asNumber(event.started_at_ms), completedAtMs: asNumber(event.completed_at_ms) }
  return readItem({ id, type, ...read(item), ...times }, 'completed')
}

type ReadBody = (item: Fields) => Fields

const BODIES: ReadonlyMap<string, ReadBody> = new Map<string, ReadBody>([
  [
    'userMessage',
    (item) => ({ clientId: asText(item.client_id), content: asList(item.content).map(readInput) }),
  ],
  [
    'agentMessage',
    (item) => ({
      moderation: item.moderation ?? null,
      text: asList(item.content)
        .map((part) => asText(asFields(part)?.text) ?? '')
        .join(''),
      phase: item.phase ?? null,
      memoryCitation: item.memory_citation ?? null,
      delivery: item.delivery ?? null,
      questions: item.questions ?? null,
    }),
  ],
  ['reasoning', (item) => ({ summary: asTexts(item.summary_text), content: asTexts(item.raw_content) })],
  ['commandExecution', readCommand],
  ['enteredReviewMode', (item) => ({ review: asText(item.user_facing_hint) ?? '' })],
  ['exitedReviewMode', (item) => ({ review: reviewText(item.review_output) })],
  ['fileChange', (item) => ({ changes: readChangeMap(item.changes), status: asText(item.status) })],
])

/** @param item a typed item, or an `exec_command_end` event, which has the same fields */
export function readCommand(item: Fields): Fields {
  const output = asText(item.aggregated_output)
  return {
    pluginId: asText(item.plugin_id),
    scriptPath: asText(item.script_path),
    command: quoteCommand(asTexts(item.command)),
    cwd: readPath(item.cwd),
    processId: asText(item.process_id),
    source: camel(asText(item.source) ?? 'agent'),
    status: camel(asText(item.status) ?? ''),
    commandActions: asList(item.parsed_cmd).map(readAction),
    aggregatedOutput: output === '' ? null : output,
    exitCode: asNumber(item.exit_code),
    durationMs: readDuration(item.duration),
  }
}

function readAction(value: unknown): Fields {
  const { type, cmd, ...rest } = asFields(value) ?? {}
  return { type: camel(asText(type) ?? 'unknown'), command: cmd ?? '', ...rest }
}

function readInput(value: unknown): Fields {
  const input = asFields(value) ?? {}
  const { type, image_url: url, ...rest } = input
  if (type === 'image') return { type, url: url ?? rest.url ?? '' }
  return { ...input, type: camel(asText(type) ?? 'text') }
}

/** A type of its own kind or one that is newer than this file: names in the app-server's spelling, values untouched. */
function readOther(item: Fields): Fields {
  const { id: _id, type: _type, ...rest } = item
  return Object.fromEntries(
    Object.entries(rest).map(([key, value]) => {
      if (key === 'duration') return ['durationMs', readDuration(value)]
      if (key === 'path') return ['path', readPath(value)]
      if (key === 'status') return ['status', camel(asText(value) ?? '')]
      return [camel(key), value]
    }),
  )
}

function readDuration(value: unknown): number | null {
  const duration = asFields(value)
  const seconds = asNumber(duration?.secs)
  if (!duration || seconds === null) return asNumber(value)
  return seconds * 1000 + Math.floor((asNumber(duration.nanos) ?? 0) / 1_000_000)
}

/** Paths are `file:` URLs in 0.169. */
function readPath(value: unknown): string {
  const path = asText(value) ?? ''
  if (!path.startsWith('file://')) return path
  try {
    return fileURLToPath(path)
  } catch {
    return path
  }
}
