/** `session/send`: a prompt starts a turn, goes into the one that runs, or waits, as whoever sends it wants. */
import { HubError, isHubError } from '../../protocol/errors.ts'
import type { Prompt } from '../../protocol/queue.ts'
import { runningTurn } from '../session/derive.ts'
import { dueEntry } from '../session/queue-order.ts'
import type { Session } from '../session/session.ts'
import { checkSettings } from './check-settings.ts'
import type { Handler } from './dispatch.ts'
import { checkFolder } from './folder.ts'
import { startTurn, steer } from './prompts.ts'
import { enqueue } from './queue-commands.ts'

export const sendPrompt: Handler<'session/send'> = async (rooms, params, client) => {
  const { commandId, sessionId, input, whenBusy, settings, cwd, outputSchema, notBefore } = params
  const session = rooms.registry.get(sessionId)
  await session.record.hydrate()
  session.refuseIfObserved()
  const now = rooms.clock.now()
  const isLater = notBefore !== undefined && notBefore > now
  if (!isLater && whenBusy === 'steer' && session.connector && runningTurn(session.record.state)) {
    if (Object.keys(settings).length > 0 || cwd !== undefined || outputSchema !== undefined) {
      throw new HubError('notPossible', 'A turn is running; what it runs with cannot be changed.', {
        reason: 'turnInProgress',
      })
    }
    return { turnId: await steer(session, { commandId, input }), taken: 'steered', entryId: null }
  }
  if (cwd !== undefined) await checkFolder(cwd)
  await checkSettings(rooms, session, settings)
  const prompt: Prompt = { input, settings, cwd: cwd ?? null, outputSchema: outputSchema ?? null }
  const queued = () => {
    const { id } = enqueue(rooms, session, prompt, client, { notBefore })
    return { turnId: null, taken: 'queued', entryId: id }
  }
  if (isLater || (whenBusy === 'queue' && mustWait(session, now))) return queued()
  try {
    const turnId = await startTurn(session, {
      commandId,
      input,
      settings,
      ...(cwd === undefined ? {} : { cwd }),
      ...(outputSchema === undefined ? {} : { outputSchema }),
    })
    return { turnId, taken: 'started', entryId: null }
  } catch (error) {
    // Only opening the session showed that a turn runs in it, or somebody was first.
    const isBusy = isHubError(error, 'notPossible') && error.data.facts.reason === 'turnInProgress'
    if (isBusy && whenBusy === 'queue') return queued()
    throw error
  }
}

/** Whether something else comes first. What is held, or has its time to come, lets a new prompt pass. */
function mustWait({ turns, phase, queue }: Session, now: number): boolean {
  const isBusy = !turns.isFree || !turns.isIdle || phase === 'working' || phase === 'awaitingApproval'
  return isBusy || dueEntry(queue.value, now) !== null
}
