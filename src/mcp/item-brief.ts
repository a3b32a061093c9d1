/** Items as agents read them: one text each, whatever Codex calls the fields of the release that wrote them. */
import { z } from 'zod'
import { type Item, itemStatusSchema } from '../protocol/item.ts'
import type { Room } from './untrusted.ts'

export const itemBriefSchema = z.object({
  id: z.string(),
  turnId: z.string(),
  type: z.string(),
  status: itemStatusSchema,
  untrusted: z.object({ text: z.string() }),
})

export type ItemBrief = z.infer<typeof itemBriefSchema>

export function itemBrief(item: Item, room: Room): ItemBrief {
  const { id, turnId, type, status } = item
  return { id, turnId, type, status, untrusted: { text: room.take(itemText(item)) } }
}

/** What an item says, in words. */
export function itemText({ type, body }: Item): string {
  switch (type) {
    case 'userMessage':
      return contentText(body.content)
    case 'agentMessage':
    case 'plan':
      return String(body.text ?? '')
    case 'reasoning':
      return [...texts(body.summary), ...texts(body.content)].join('\n')
    case 'commandExecution':
      return [`$ ${commandText(body.command)}`, String(body.aggregatedOutput ?? ''), exitText(body.exitCode)]
        .filter((part) => part !== '')
        .join('\n')
    case 'fileChange':
      return changesText(body.changes)
    case 'mcpToolCall':
      return `${body.server}.${body.tool} ${JSON.stringify(body.arguments ?? {})}`
    case 'webSearch':
      return String(body.query ?? '')
    default:
      return JSON.stringify(body)
  }
}

function contentText(content: unknown): string {
  if (!Array.isArray(content)) return ''
  return content
    .map((part: { type?: unknown; text?: unknown } | null) =>
      typeof part?.text === 'string' ? part.text : `[${String(part?.type ?? 'something')}]`,
    )
    .join('\n')
}

function commandText(command: unknown): string {
  return Array.isArray(command) ? command.join(' ') : String(command ?? '')
}

const exitText = (code: unknown): string => (typeof code === 'number' ? `exit code ${code}` : '')

function changesText(changes: unknown): string {
  if (!Array.isArray(changes)) return ''
  return changes
    .map((change: { path?: unknown; diff?: unknown } | null) =>
      [change?.path, change?.diff].filter((part) => typeof part === 'string').join('\n'),
    )
    .join('\n')
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((text) => typeof text === 'string') : []
