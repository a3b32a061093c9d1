/** What becomes of a session whose source ended by itself. */
import type { Connector } from '../../connectors/connector.ts'
import type { CloseCause } from '../../jsonrpc/channel.ts'
import type { Summary } from '../../protocol/summary.ts'
import { DIED } from './endings.ts'
import type { Session } from './session.ts'
import { patch } from './summary-patch.ts'

/** @param door the one that was lost just now */
export function takeLoss(
  session: Session,
  door: Connector['door'] | undefined,
  cause: CloseCause,
  now: number,
): void {
  const { facts, log } = session
  const inTurn = facts.activity !== 'idle'
  facts.isActive = null
  const lost = lossOf(door, cause, inTurn, now, session.door.lostBecause)
  if (door === 'driven')
    log.warn({ cause: { ...cause, error: undefined } }, 'what was behind the session ended')
  else log.info({ door, cause: lost.why }, 'the session is not seen through this door any more')
  // Its phase leaves with what else changed: nobody sees a session without a door that is idle.
  facts.move({ type: 'sourceEnded', inTurn: inTurn && door === 'driven' })
  facts.apply([...facts.withdraw(lost.why), ...patch(session.summary, lost.facts)])
  // Lost while it was being looked at, and nothing takes its place.
  if (door === 'driven' && session.phase !== 'recovering') facts.settle(...DIED)
  // A file that nobody writes says no more.
  if (door === 'observed') facts.settle(...DIED)
  facts.derive()
}

/** What is said of a session whose source ended by itself, and of what it had open. `inTurn`: it owed an answer. */
function lossOf(
  door: Connector['door'] | undefined,
  { kind, message: cause }: CloseCause,
  inTurn: boolean,
  at: number,
  note: string | null,
): { readonly why: string; readonly facts: Partial<Summary> } {
  if (door === 'driven') {
    const message = `The Codex process ended while a turn was running (${cause}).`
    const problem = { code: 'processDied', message, at }
    return { why: `The Codex process ended (${cause}).`, facts: inTurn ? { problem } : {} }
  }
  const problem = { code: 'daemonGone', message: `The turn is out of sight: ${cause}.`, at }
  // A hub that stops goes blind itself; the turn goes on.
  const isCut = door === 'attached' && inTurn && kind !== 'closed'
  return { why: cause, facts: { note, reading: null, ...(isCut ? { problem } : {}) } }
}
