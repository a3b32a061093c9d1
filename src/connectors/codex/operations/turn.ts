/** What is done to the thread as a whole or to its running turn: one request, one answer each. */
import type { Input } from '../../../protocol/input.ts'
import { ConnectorError } from '../../connector.ts'
import { toUserInput } from '../input.ts'
import type { ThreadLine } from '../requests.ts'

/** Codex's words when the turn to steer is not the one that runs, and when the running one takes no input. */
const NOT_RUNNING = /no active turn to steer|expected active turn id/
const TAKES_NONE = /cannot steer a (review|compact) turn/

/** Why a turn was not steered. */
export type SteerRefusal = 'notRunning' | 'takesNoInput'

/**
 * Input into the running turn. Codex never starts another turn for it.
 * @returns null, or why Codex did not take it
 * @throws ConnectorError
 */
export async function steerTurn(
  line: ThreadLine,
  request: { readonly turnId: string; readonly commandId: string; readonly input: Input },
): Promise<SteerRefusal | null> {
  try {
    await line.ask('turn/steer', {
      threadId: line.threadId,
      clientUserMessageId: request.commandId,
      input: toUserInput(request.input),
      expectedTurnId: line.codexTurnId(request.turnId),
    })
    return null
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.fault !== 'refused') throw error
    const said = String(error.facts.codexMessage)
    if (NOT_RUNNING.test(said)) return 'notRunning'
    if (TAKES_NONE.test(said)) return 'takesNoInput'
    throw error
  }
}
