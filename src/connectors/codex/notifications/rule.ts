/** What a rule for one method of Codex gets and gives: the shape of every table of notifications. */
import type { SessionEvent } from '../../event.ts'
import type { Fields } from '../decode.ts'
import type { TurnIds } from '../turn-ids.ts'

export interface TranslateContext {
  readonly threadId: string
  /** Prefix of approval keys. */
  readonly instance: string
  readonly turnIds: TurnIds
  /** The hour, for releases that do not say when something happened. */
  now(): number
  emit(event: SessionEvent): void
}

/** @returns false when the notification is not of the shape its method has */
export type Rule = (context: TranslateContext, params: Fields) => boolean

export type Rules = readonly (readonly [method: string, rule: Rule])[]

/** The hub's id of a turn, where the notification names one. */
export function qualified(context: TranslateContext, turnId: unknown): string | null {
  return typeof turnId === 'string' ? context.turnIds.qualify(turnId) : null
}
