/** The account of a home: who it is and what may still be used. Tokens stay in Codex. */
import type { Account, LimitWindow, RateLimit, Usage } from '../../../protocol/account.ts'
import { asFields, asList, asNumber, asText, secondsToMs } from '../decode.ts'
import type { CodexLine } from '../requests.ts'
import { need } from './need.ts'

/** @throws ConnectorError */
export async function readAccount(line: CodexLine): Promise<Account> {
  need(line, 'account/read')
  const answer = asFields(await line.ask('account/read', {}))
  const account = asFields(answer?.account)
  return {
    type: asText(account?.type),
    email: asText(account?.email),
    plan: asText(account?.planType),
    workspace: asText(account?.workspaceName),
    needsLogin: answer?.requiresOpenaiAuth === true && account === null,
  }
}

/** Forget who is logged in, in this home. @throws ConnectorError */
export async function logOut(line: CodexLine): Promise<Account> {
  need(line, 'account/logout')
  await line.ask('account/logout', undefined)
  return readAccount(line)
}

/** @throws ConnectorError; without an account of ChatGPT Codex refuses */
export async function readLimits(line: CodexLine): Promise<RateLimit[]> {
  need(line, 'account/rateLimits/read')
  const answer = asFields(await line.ask('account/rateLimits/read', {}))
  const several = Object.values(asFields(answer?.rateLimitsByLimitId) ?? {})
  const all = several.length > 0 ? several : [answer?.rateLimits]
  return all.flatMap((value) => readLimit(value) ?? [])
}

/** @throws ConnectorError; without an account of ChatGPT Codex refuses */
export async function readUsage(line: CodexLine): Promise<Usage> {
  need(line, 'account/usage/read')
  const answer = asFields(await line.ask('account/usage/read', {}))
  const summary = asFields(answer?.summary)
  return {
    lifetimeTokens: asNumber(summary?.lifetimeTokens),
    peakDailyTokens: asNumber(summary?.peakDailyTokens),
    currentStreakDays: asNumber(summary?.currentStreakDays),
    longestStreakDays: asNumber(summary?.longestStreakDays),
    longestTurnMs: secondsToMs(summary?.longestRunningTurnSec),
    days: asList(answer?.dailyUsageBuckets).flatMap((value) => {
      const bucket = asFields(value)
      const date = asText(bucket?.startDate)
      return date === null ? [] : [{ date, tokens: asNumber(bucket?.tokens) ?? 0 }]
    }),
  }
}

/** Codex's `RateLimitSnapshot`. */
function readLimit(value: unknown): RateLimit | null {
  const fields = asFields(value)
  if (!fields) return null
  const credits = asFields(fields.credits)
  return {
    id: asText(fields.limitId),
    name: asText(fields.limitName),
    primary: readWindow(fields.primary),
    secondary: readWindow(fields.secondary),
    credits: credits
      ? {
          hasCredits: credits.hasCredits === true,
          unlimited: credits.unlimited === true,
          balance: asText(credits.balance),
        }
      : null,
    plan: asText(fields.planType),
    reached: asText(fields.rateLimitReachedType),
  }
}

function readWindow(value: unknown): LimitWindow | null {
  const window = asFields(value)
  if (!window) return null
  const minutes = asNumber(window.windowDurationMins)
  return {
    usedPercent: asNumber(window.usedPercent) ?? 0,
    windowMs: minutes === null ? null : minutes * 60_000,
    resetsAt: secondsToMs(window.resetsAt),
  }
}
