/**
 * Codex's notifications (v2 methods) as session events. A table and nothing else: pure but for the events it emits, it
 * keeps no state of the thread. What it does not know is passed on as `opaque`; what is malformed costs that message.
 */
import type { SessionEvent } from '../event.ts'
import { asFields, asText, type Fields } from './decode.ts'
import { readItem, readTurn, readTurnError } from './items.ts'
import { goalOf } from './operations/goal.ts'
import { startupOf } from './operations/mcp.ts'
import { readSettings } from './settings.ts'
import { readStatus, readThread } from './thread-facts.ts'
import { readRateLimits, readTokens } from './tokens.ts'
import type { TurnIds } from './turn-ids.ts'

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
type Rule = (context: TranslateContext, params: Fields) => boolean

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

/** They say nothing that the events around them do not say. */
const IGNORED: ReadonlySet<string> = new Set([
  'item/reasoning/summaryPartAdded',
  'remoteControl/status/changed',
  'thread/readState/changed',
])

/** A rule for a text delta. One event is made for each of thousands a second, and nothing else. */
function append(field: string, indexName?: string): Rule {
  return (context, params) => {
    const { turnId, itemId, delta } = params
    if (typeof turnId !== 'string' || typeof itemId !== 'string' || typeof delta !== 'string') return false
    const id = context.turnIds.qualify(turnId)
    if (indexName === undefined) {
      context.emit({ type: 'append', turnId: id, itemId, field, text: delta })
      return true
    }
    const index = params[indexName]
    if (typeof index !== 'number') return false
    context.emit({ type: 'append', turnId: id, itemId, field, index, text: delta })
    return true
  }
}

const itemStarted: Rule = (context, params) => {
  const item = readItem(params.item, 'started', params)
  const turnId = asText(params.turnId)
  if (!item || turnId === null) return false
  const startedAt = item.startedAt ?? context.now()
  context.emit({ type: 'item', turnId: context.turnIds.qualify(turnId), item: { ...item, startedAt } })
  return true
}

const itemCompleted: Rule = (context, params) => {
  const item = readItem(params.item, 'completed', params)
  const turnId = asText(params.turnId)
  if (!item || turnId === null) return false
  const completedAt = item.completedAt ?? context.now()
  context.emit({ type: 'item', turnId: context.turnIds.qualify(turnId), item: { ...item, completedAt } })
  return true
}

const turnStarted: Rule = (context, params) => {
  const turn = readTurn(params.turn, (raw) => context.turnIds.qualify(raw))
  if (!turn) return false
  context.emit({ type: 'turnStarted', turn: { ...turn, startedAt: turn.startedAt ?? context.now() } })
  return true
}

const turnCompleted: Rule = (context, params) => {
  const turn = readTurn(params.turn, (raw) => context.turnIds.qualify(raw))
  if (!turn) return false
  const status = turn.status === 'inProgress' ? 'completed' : turn.status
  const completedAt = turn.completedAt ?? context.now()
  context.emit({ type: 'turnCompleted', turn: { ...turn, status, completedAt } })
  return true
}

const patchUpdated: Rule = (context, { itemId, changes }) => {
  if (typeof itemId !== 'string' || !Array.isArray(changes)) return false
  context.emit({ type: 'itemBody', itemId, patch: { changes } })
  return true
}

const statusChanged: Rule = (context, params) => {
  const status = readStatus(params.status)
  if (status) context.emit({ type: 'status', ...status })
  return status !== null || asFields(params.status)?.type === 'notLoaded'
}

const planUpdated: Rule = (context, params) => {
  const turnId = asText(params.turnId)
  if (turnId === null || !Array.isArray(params.plan)) return false
  const steps = params.plan.flatMap((entry) => {
    const step = asText(asFields(entry)?.step)
    return step === null ? [] : [{ step, status: asText(asFields(entry)?.status) ?? 'pending' }]
  })
  const plan = { turnId: context.turnIds.qualify(turnId), explanation: asText(params.explanation), steps }
  context.emit({ type: 'plan', plan })
  return true
}

const diffUpdated: Rule = (context, { turnId, diff }) => {
  if (typeof turnId !== 'string' || typeof diff !== 'string') return false
  context.emit({ type: 'diff', turnId: context.turnIds.qualify(turnId), unified: diff })
  return true
}

const tokensUpdated: Rule = (context, params) => {
  const tokens = readTokens(params.tokenUsage)
  if (!tokens) return false
  context.emit({ type: 'tokens', turnId: qualified(context, params.turnId), tokens })
  return true
}

const rateLimitsUpdated: Rule = (context, params) => {
  const limits = asFields(params.rateLimits)
  if (!limits) return false
  const rateLimits = readRateLimits(limits)
  if (rateLimits) context.emit({ type: 'rateLimits', rateLimits })
  return true
}

/** A notice in the words of `message`, or of `summary` and `details`. */
const notice: Rule = (context, params) => {
  const summary = asText(params.message) ?? asText(params.summary)
  if (summary === null) return false
  const details = asText(params.details)
  context.emit({ type: 'warning', message: details === null ? summary : `${summary} ${details}` })
  return true
}

const turnError: Rule = (context, params) => {
  const error = readTurnError(params.error)
  if (!error) return false
  context.emit({
    type: 'error',
    turnId: qualified(context, params.turnId),
    message: error.message,
    willRetry: params.willRetry === true,
  })
  return true
}

const requestResolved: Rule = (context, { requestId }) => {
  if (typeof requestId !== 'string' && typeof requestId !== 'number') return false
  context.emit({ type: 'approvalResolved', key: `${context.instance}:${requestId}` })
  return true
}

const threadStarted: Rule = (context, params) => {
  const thread = readThread(params.thread)
  if (!thread) return false
  if (thread.threadId === context.threadId) context.emit({ type: 'thread', facts: thread })
  else forward(context, 'thread/started', params)
  return true
}

const nameUpdated: Rule = (context, params) => {
  context.emit({ type: 'thread', facts: { name: asText(params.threadName) } })
  return true
}

const settingsUpdated: Rule = (context, params) => {
  const settings = asFields(params.threadSettings)
  if (!settings) return false
  const cwd = asText(settings.cwd)
  const facts = { ...(cwd === null ? {} : { cwd }), settings: readSettings(settings) }
  context.emit({ type: 'thread', facts })
  return true
}

const reverted: Rule = (context) => {
  context.emit({ type: 'reverted' })
  return true
}

function archived(isArchived: boolean): Rule {
  return (context) => {
    context.emit({ type: 'thread', facts: { archived: isArchived } })
    return true
  }
}

const goalUpdated: Rule = (context, params) => {
  const goal = goalOf(params.goal)
  if (!goal) return false
  context.emit({ type: 'goal', goal })
  return true
}

const goalCleared: Rule = (context) => {
  context.emit({ type: 'goal', goal: null })
  return true
}

const mcpStartup: Rule = (context, params) => {
  const server = startupOf(params)
  if (!server) return false
  context.emit({ type: 'mcpServer', server })
  return true
}

function qualified(context: TranslateContext, turnId: unknown): string | null {
  return typeof turnId === 'string' ? context.turnIds.qualify(turnId) : null
}

const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['item/agentMessage/delta', append('text')],
  ['item/plan/delta', append('text')],
  ['item/commandExecution/outputDelta', append('aggregatedOutput')],
  ['item/reasoning/summaryTextDelta', append('summary', 'summaryIndex')],
  ['item/reasoning/textDelta', append('content', 'contentIndex')],
  ['item/started', itemStarted],
  ['item/completed', itemCompleted],
  ['item/fileChange/patchUpdated', patchUpdated],
  ['turn/started', turnStarted],
  ['turn/completed', turnCompleted],
  ['turn/plan/updated', planUpdated],
  ['turn/diff/updated', diffUpdated],
  ['thread/status/changed', statusChanged],
  ['thread/started', threadStarted],
  ['thread/name/updated', nameUpdated],
  ['thread/settings/updated', settingsUpdated],
  ['thread/archived', archived(true)],
  ['thread/unarchived', archived(false)],
  ['thread/reverted', reverted],
  ['thread/tokenUsage/updated', tokensUpdated],
  ['thread/goal/updated', goalUpdated],
  ['thread/goal/cleared', goalCleared],
  ['mcpServer/startupStatus/updated', mcpStartup],
  ['account/rateLimits/updated', rateLimitsUpdated],
  ['serverRequest/resolved', requestResolved],
  ['error', turnError],
  ['warning', notice],
  ['configWarning', notice],
  ['deprecationNotice', notice],
  ['guardianWarning', notice],
])
