/** What Codex says of things around a session: its MCP servers, the account's limits, and warnings. */
import { asFields, asText } from '../decode.ts'
import { startupOf } from '../operations/mcp.ts'
import { readRateLimits } from '../tokens.ts'
import type { Rule, Rules } from './rule.ts'

const mcpStartup: Rule = (context, params) => {
  const server = startupOf(params)
  if (!server) return false
  context.emit({ type: 'mcpServer', server })
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

export const SURROUNDING_RULES: Rules = [
  ['mcpServer/startupStatus/updated', mcpStartup],
  ['account/rateLimits/updated', rateLimitsUpdated],
  ['warning', notice],
  ['configWarning', notice],
  ['deprecationNotice', notice],
  ['guardianWarning', notice],
]
