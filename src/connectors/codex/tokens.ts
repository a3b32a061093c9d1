/** What Codex says of tokens and rate limits. */
import type { Tokens } from '../../protocol/summary.ts'
import { asFields, asNumber, type Fields } from './decode.ts'

export function readTokens(value: unknown): Tokens | null {
  const usage = asFields(value)
  const total = asFields(usage?.total)
  if (!usage || !total) return null
  return {
    total: readCounts(total),
    last: readCounts(asFields(usage.last) ?? {}),
    contextWindow: asNumber(usage.modelContextWindow),
  }
}

function readCounts(fields: Fields): Tokens['total'] {
  return {
    totalTokens: asNumber(fields.totalTokens) ?? 0,
    inputTokens: asNumber(fields.inputTokens) ?? 0,
    cachedInputTokens: asNumber(fields.cachedInputTokens) ?? 0,
    outputTokens: asNumber(fields.outputTokens) ?? 0,
    reasoningOutputTokens: asNumber(fields.reasoningOutputTokens) ?? 0,
  }
}

/** Providers without limits send a snapshot of nulls after every model call: null, nothing to tell. */
export function readRateLimits(limits: Fields): Fields | null {
  const { limitId: _id, limitName: _name, ...values } = limits
  return Object.values(values).some((value) => value !== null && value !== undefined) ? limits : null
}
