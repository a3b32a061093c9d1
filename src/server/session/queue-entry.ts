/** What a queue shows of a prompt. Pure. */
import type { Actor } from '../../protocol/approval.ts'
import type { Input } from '../../protocol/input.ts'
import { jsonBytes } from '../../protocol/json-size.ts'
import type { Prompt, QueueEntry } from '../../protocol/queue.ts'
import { promptText } from './words.ts'

/** How much of a prompt's text an entry shows. UTF-16 units. */
const TEXT_UNITS = 500
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

function beginningOf(input: Input): string {
  const text = promptText(input)
  return text.length <= TEXT_UNITS
    ? text
    : `${text.slice(0, TEXT_UNITS - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}
