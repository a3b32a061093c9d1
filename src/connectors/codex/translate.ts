/**
 * Codex's notifications (v2 methods) as session events. Pure but for the events it emits, it keeps no state of the thread;
 * `notifications/` has a rule for each method. What it does not know is passed on as `opaque`; what is malformed costs that
 * message.
 */
import type { Fields } from './decode.ts'
import { ITEM_RULES } from './notifications/items.ts'
import type { Rule, TranslateContext } from './notifications/rule.ts'
import { SURROUNDING_RULES } from './notifications/surroundings.ts'
import { THREAD_RULES } from './notifications/thread.ts'
import { TURN_RULES } from './notifications/turns.ts'

/** They say nothing that the events around them do not say. */
const IGNORED: ReadonlySet<string> = new Set([
  'item/reasoning/summaryPartAdded',
  'remoteControl/status/changed',
  'thread/readState/changed',
])

const RULES: ReadonlyMap<string, Rule> = new Map([
  ...ITEM_RULES,
  ...TURN_RULES,
  ...THREAD_RULES,
  ...SURROUNDING_RULES,
])

/**
 * Report what a notification means.
 * @returns false when it is malformed and nothing was reported
 */
export function translate(context: TranslateContext, method: string, params: unknown): boolean {
  if (IGNORED.has(method) || method.startsWith('codex/event/')) return true
  const rule = RULES.get(method)
  const fields = params as Fields | null | undefined
  if (!rule || typeof fields !== 'object' || fields === null) return forward(context, method, params)
  // Subagents have threads of their own on the same connection; their turns and items are not this session's.
  const { threadId } = fields
  const isOurs = threadId === undefined || threadId === null || threadId === context.threadId
  // What they asked was asked here, so its end is told here as well.
  if (!isOurs && method !== 'serverRequest/resolved') {
    return forward(context, method, params)
  }
  return rule(context, fields)
}

function forward(context: TranslateContext, method: string, params: unknown): true {
  context.emit({ type: 'opaque', method, params })
  return true
}
