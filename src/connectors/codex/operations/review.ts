/** Code reviews: a turn in which Codex reviews instead of answering. */
import type { ReviewTarget } from '../../../protocol/review.ts'
import { ConnectorError } from '../../connector.ts'
import { asFields, asText } from '../decode.ts'
import type { ThreadLine } from '../requests.ts'

/** Start a review in the thread. @returns the turn, as Codex names it. @throws ConnectorError */
export async function startReview(line: ThreadLine, target: ReviewTarget): Promise<string> {
  const answer = asFields(await line.ask('review/start', { threadId: line.threadId, target: sent(target) }))
  const turnId = asText(asFields(answer?.turn)?.id)
  if (turnId === null) {
    throw new ConnectorError('refused', 'Codex accepted the review and did not name its turn.', { answer })
  }
  return line.hubTurnId(turnId)
}

function sent(target: ReviewTarget) {
  return target.type === 'commit' ? { ...target, title: target.title ?? null } : target
}
