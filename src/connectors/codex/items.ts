/** Codex's `ThreadItem` and `Turn` as the hub's source items and turns. Pure; what is not known is kept in the body. */
import type { ItemStatus } from '../../protocol/item.ts'
import type { TurnStatus } from '../../protocol/turn.ts'
import type { SourceItem, SourceTurn } from '../event.ts'
import { asFields, asNumber, asText, type Fields, secondsToMs } from './decode.ts'

export type ItemPhase = 'started' | 'completed'

const ITEM_STATUSES: ReadonlySet<string> = new Set<ItemStatus>([
  'inProgress',
  'completed',
  'failed',
  'declined',
  'interrupted',
])
const TURN_STATUSES: ReadonlySet<string> = new Set<TurnStatus>([
  'inProgress',
  'completed',
  'interrupted',
  'failed',
])

/**
 * @param times `startedAtMs` and `completedAtMs` beside the item, where a notification has them
 * @returns null when it is no item: without an id or a type nothing can refer to it
 */
export function readItem(value: unknown, phase: ItemPhase, times: Fields = {}): SourceItem | null {
  const fields = asFields(value)
  if (!fields) return null
  const { id, type, ...body } = fields
  if (typeof id !== 'string' || typeof type !== 'string') return null
  return {
    id,
    type,
    status: readItemStatus(body.status, phase),
    startedAt: asNumber(body.startedAtMs) ?? asNumber(times.startedAtMs),
    completedAt: asNumber(body.completedAtMs) ?? asNumber(times.completedAtMs),
    body,
  }
}

/** Some types have a vocabulary of their own (image generation); there the phase is what is known. */
function readItemStatus(status: unknown, phase: ItemPhase): ItemStatus {
  const ended = phase === 'completed'
  if (typeof status !== 'string' || !ITEM_STATUSES.has(status)) return ended ? 'completed' : 'inProgress'
  return ended && status === 'inProgress' ? 'completed' : (status as ItemStatus)
}

/** @returns null when it is no turn */
export function readTurn(value: unknown, idOf: (raw: string) => string): SourceTurn | null {
  const fields = asFields(value)
  const id = asText(fields?.id)
  if (!fields || id === null) return null
  const status = asText(fields.status)
  const startedAt = secondsToMs(fields.startedAt)
  const durationMs = asNumber(fields.durationMs)
  return {
    id: idOf(id),
    status: status !== null && TURN_STATUSES.has(status) ? (status as TurnStatus) : 'inProgress',
    error: readTurnError(fields.error),
    startedAt,
    // Whole seconds are too coarse for a turn of 100 ms; the duration is not.
    completedAt:
      startedAt !== null && durationMs !== null ? startedAt + durationMs : secondsToMs(fields.completedAt),
  }
}

export function readTurnError(value: unknown): SourceTurn['error'] {
  const fields = asFields(value)
  const message = asText(fields?.message)
  if (!fields || message === null) return null
  return { message: readableMessage(message), code: errorCode(fields.codexErrorInfo) }
}

/** `CodexErrorInfo` is a name or an object with one key, the name. */
function errorCode(info: unknown): string | null {
  return asText(info) ?? Object.keys(asFields(info) ?? {})[0] ?? null
}

/** A provider's error body is passed on by Codex as JSON text: its own sentence is what a person can read. */
function readableMessage(message: string): string {
  if (!message.startsWith('{')) return message
  try {
    const body = asFields(JSON.parse(message))
    return asText(asFields(body?.error)?.message) ?? asText(body?.message) ?? message
  } catch {
    return message
  }
}
