/** The goal of a thread. Codex begins turns by itself while one is active. */
import type { Goal } from '../../../protocol/goal.ts'
import { asFields, asNumber, asText, secondsToMs } from '../decode.ts'
import type { CodexLine } from '../requests.ts'
import { need } from './need.ts'

/** @throws ConnectorError */
export async function readGoal(line: CodexLine, threadId: string): Promise<Goal | null> {
  need(line, 'thread/goal/get')
  return goalOf(asFields(await line.ask('thread/goal/get', { threadId }))?.goal)
}

export interface GoalChange {
  readonly objective?: string | undefined
  readonly status?: 'active' | 'paused' | 'complete' | undefined
  readonly tokenBudget?: number | undefined
}

/** The thread must be open in the line's process. @throws ConnectorError */
export async function setGoal(line: CodexLine, threadId: string, change: GoalChange): Promise<Goal | null> {
  need(line, 'thread/goal/set')
  const { objective, status, tokenBudget } = change
  const answer = await line.ask('thread/goal/set', {
    threadId,
    ...(objective === undefined ? {} : { objective }),
    ...(status === undefined ? {} : { status }),
    ...(tokenBudget === undefined ? {} : { tokenBudget }),
    // Who set it decides what Codex takes it to allow: a person did.
    origin: 'user',
  })
  return goalOf(asFields(answer)?.goal)
}

/** @returns whether there was one. @throws ConnectorError */
export async function clearGoal(line: CodexLine, threadId: string): Promise<boolean> {
  need(line, 'thread/goal/clear')
  return asFields(await line.ask('thread/goal/clear', { threadId }))?.cleared === true
}

/** Codex's `ThreadGoal`; null where there is none, or nothing that can be read. */
export function goalOf(value: unknown): Goal | null {
  const fields = asFields(value)
  const objective = asText(fields?.objective)
  if (!fields || objective === null) return null
  return {
    objective,
    status: asText(fields.status) ?? 'active',
    tokenBudget: asNumber(fields.tokenBudget),
    tokensUsed: asNumber(fields.tokensUsed) ?? 0,
    timeUsedMs: secondsToMs(fields.timeUsedSeconds) ?? 0,
    createdAt: secondsToMs(fields.createdAt) ?? 0,
    updatedAt: secondsToMs(fields.updatedAt) ?? 0,
  }
}
