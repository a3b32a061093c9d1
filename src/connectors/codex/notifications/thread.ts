/** What Codex says of the thread itself: its status, name, settings, goal, and what became of its requests. */
import { asFields, asText } from '../decode.ts'
import { goalOf } from '../operations/goal.ts'
import { readSettings } from '../settings.ts'
import { readStatus, readThread } from '../thread-facts.ts'
import type { Rule, Rules } from './rule.ts'

const statusChanged: Rule = (context, params) => {
  const status = readStatus(params.status)
  if (status) context.emit({ type: 'status', ...status })
  return status !== null || asFields(params.status)?.type === 'notLoaded'
}

const threadStarted: Rule = (context, params) => {
  const thread = readThread(params.thread)
  if (!thread) return false
  if (thread.threadId === context.threadId) context.emit({ type: 'thread', facts: thread })
  else context.emit({ type: 'opaque', method: 'thread/started', params })
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

const requestResolved: Rule = (context, { requestId }) => {
  if (typeof requestId !== 'string' && typeof requestId !== 'number') return false
  context.emit({ type: 'approvalResolved', key: `${context.instance}:${requestId}` })
  return true
}

export const THREAD_RULES: Rules = [
  ['thread/status/changed', statusChanged],
  ['thread/started', threadStarted],
  ['thread/name/updated', nameUpdated],
  ['thread/settings/updated', settingsUpdated],
  ['thread/archived', archived(true)],
  ['thread/unarchived', archived(false)],
  ['thread/reverted', reverted],
  ['thread/goal/updated', goalUpdated],
  ['thread/goal/cleared', goalCleared],
  ['serverRequest/resolved', requestResolved],
]
