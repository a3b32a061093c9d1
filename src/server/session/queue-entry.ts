/** What a queue shows of a prompt, and whether it may hold it. Pure. */
import type { Actor } from '../../protocol/approval.ts'
import { HubError } from '../../protocol/errors.ts'
import type { Input } from '../../protocol/input.ts'
import { jsonBytes } from '../../protocol/json-size.ts'
import { type Prompt, QUEUE_ENTRIES, type Queue, type QueueEntry } from '../../protocol/queue.ts'
import { promptText } from './words.ts'

/** How much of a prompt's text an entry shows. UTF-16 units. */
const TEXT_UNITS = 500
/** What the prompts of one queue take together at most. Bytes of JSON. */
const QUEUE_BYTES = 32 * 1024 * 1024
/** What is shown of an entry must stay small: every client holds it. Bytes of JSON. */
const SETTINGS_BYTES = 8 * 1024

export interface NewEntry {
  readonly id: string
  readonly seq: number
  readonly notBefore: number | null
  readonly by: Actor
  readonly createdAt: number
}

export function entryOf(prompt: Prompt, { id, seq, notBefore, by, createdAt }: NewEntry): QueueEntry {
  return {
    id,
    seq,
    state: 'waiting',
    ...shownOf(prompt),
    notBefore,
    by,
    createdAt,
    edition: 0,
    problem: null,
  }
}

/** The part of an entry that follows from its prompt. */
export function shownOf(
  prompt: Prompt,
): Pick<QueueEntry, 'text' | 'attachments' | 'bytes' | 'settings' | 'cwd' | 'hasOutputSchema'> {
  const { input, settings, cwd, outputSchema } = prompt
  return {
    text: beginningOf(input),
    attachments: input.filter(({ type }) => type !== 'text').length,
    bytes: jsonBytes(prompt),
    settings,
    cwd,
    hasOutputSchema: outputSchema !== null,
  }
}

/** @throws HubError `overloaded` where the queue has no room for it, `invalidParams` for settings no client could hold */
export function refuseIfFull({ entries }: Queue, prompt: Prompt, replaced?: QueueEntry): void {
  if (jsonBytes(prompt.settings) > SETTINGS_BYTES) {
    throw new HubError('invalidParams', `The settings are larger than ${SETTINGS_BYTES} bytes.`, {
      field: 'settings',
    })
  }
  if (!replaced && entries.length >= QUEUE_ENTRIES) {
    throw new HubError('overloaded', `${entries.length} prompts wait in this session; no more fit.`, {
      entries: entries.length,
      maxEntries: QUEUE_ENTRIES,
    })
  }
  const held = entries.reduce((sum, { bytes }) => sum + bytes, 0) - (replaced?.bytes ?? 0)
  if (held + jsonBytes(prompt) <= QUEUE_BYTES) return
  throw new HubError(
    'overloaded',
    `The prompts that wait in this session would be larger than ${QUEUE_BYTES} bytes.`,
    {
      bytes: held,
      maxBytes: QUEUE_BYTES,
    },
  )
}

function beginningOf(input: Input): string {
  const text = promptText(input)
  return text.length <= TEXT_UNITS
    ? text
    : `${text.slice(0, TEXT_UNITS - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}
