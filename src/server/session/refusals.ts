/** Refusals that follow from what a session is, whatever is asked of it. */
import { HubError } from '../../protocol/errors.ts'
import type { Door, Summary } from '../../protocol/summary.ts'

/** @throws HubError `notPossible` where nobody here could be told anything */
export function refuseUntold(door: Door | undefined, summary: Summary): void {
  refuseSubagent(summary)
  if (summary.archived && door === undefined) {
    throw new HubError('notPossible', 'The session is archived. Bring it back first, or fork it.', {
      reason: 'archived',
      ways: ['session/unarchive', 'session/fork'],
    })
  }
  if (door !== 'observed') return
  throw new HubError(
    'notPossible',
    'The session is only observed. Take it over when nobody else has it open, or fork it.',
    { reason: 'observed', ways: ['session/takeOver', 'session/fork'] },
  )
}

/** @throws HubError `notPossible`: its thread is run, and told what to do, by the session that started it */
export function refuseSubagent({ parentThreadId }: Summary): void {
  if (parentThreadId === null) return
  throw new HubError(
    'notPossible',
    'A subagent takes its orders from the session that started it. Speak to that one, or fork this one.',
    { reason: 'subagent', parentThreadId, ways: ['session/fork'] },
  )
}
