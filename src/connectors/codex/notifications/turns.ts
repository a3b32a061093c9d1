/** What Codex says of a turn: its begin and end, its plan, its diff, its tokens, and what went wrong in it. */
import { asFields, asText } from '../decode.ts'
import { readTurn, readTurnError } from '../items.ts'
import { readTokens } from '../tokens.ts'
import { qualified, type Rule, type Rules } from './rule.ts'

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

export const TURN_RULES: Rules = [
  ['turn/started', turnStarted],
  ['turn/completed', turnCompleted],
  ['turn/plan/updated', planUpdated],
  ['turn/diff/updated', diffUpdated],
  ['thread/tokenUsage/updated', tokensUpdated],
  ['error', turnError],
]
