/** Commands on the queue of a session: what a person does to prompts that wait. */

import { mintId } from '../../base/id.ts'
import { HubError } from '../../protocol/errors.ts'
import type { MethodName } from '../../protocol/methods.ts'
import type { Prompt, QueueEntry } from '../../protocol/queue.ts'
import type { Client } from '../client/client.ts'
import type { HubRooms } from '../rooms.ts'
import { runningTurn } from '../session/derive.ts'
import type { Session } from '../session/session.ts'
import { actorOf } from './actor.ts'
import { checkSettings } from './check-settings.ts'
import type { Handlers } from './dispatch.ts'
import { checkFolder } from './folder.ts'
import { steer } from './prompts.ts'

type Names = Extract<MethodName, `queue/${string}`>

export const queueHandlers: Pick<Handlers, Names> = {
  async 'queue/list'(rooms, { sessionId }) {
    return { queue: rooms.registry.get(sessionId).queue.value }
  },
  async 'queue/read'(rooms, { sessionId, entryId }) {
    const { queue } = rooms.registry.get(sessionId)
    const prompt = await queue.prompt(entryId)
    return { entry: queue.get(entryId), prompt }
  },
  async 'queue/add'(rooms, { sessionId, input, settings, cwd, outputSchema, notBefore, before }, client) {
    const session = rooms.registry.get(sessionId)
    await session.record.hydrate()
    session.refuseIfObserved()
    if (cwd !== undefined) await checkFolder(cwd)
    await checkSettings(rooms, session, settings)
    const prompt = { input, settings, cwd: cwd ?? null, outputSchema: outputSchema ?? null }
    return { entry: enqueue(rooms, session, prompt, client, { notBefore, before }) }
  },
  async 'queue/edit'(rooms, { sessionId, entryId, edition, input, settings, notBefore }) {
    const session = rooms.registry.get(sessionId)
    if (settings) await checkSettings(rooms, session, settings)
    const entry = await session.queue.edit(entryId, { edition, input, settings, notBefore })
    rooms.queues.wake(session)
    return { entry }
  },
  async 'queue/move'(rooms, { sessionId, entryId, before }) {
    const { queue } = rooms.registry.get(sessionId)
    queue.move(entryId, before)
    return { queue: queue.value }
  },
  async 'queue/remove'(rooms, { sessionId, entryId }) {
    const session = rooms.registry.get(sessionId)
    session.queue.remove(entryId)
    rooms.queues.wake(session)
    return { queue: session.queue.value }
  },
  async 'queue/steer'(rooms, { commandId, sessionId, entryId, expectedTurnId }) {
    const session = rooms.registry.get(sessionId)
    await session.record.hydrate()
    return { turnId: await promote(rooms, session, { commandId, entryId, expectedTurnId }) }
  },
  async 'queue/retry'(rooms, { sessionId, entryId }) {
    const session = rooms.registry.get(sessionId)
    session.queue.retry(entryId)
    await goOn(rooms, session)
    return { queue: session.queue.value }
  },
  async 'queue/pause'(rooms, { sessionId }, client) {
    const { queue } = rooms.registry.get(sessionId)
    queue.hold('paused', 'The queue was paused.', actorOf(client))
    return { queue: queue.value }
  },
  async 'queue/resume'(rooms, { sessionId }) {
    const session = rooms.registry.get(sessionId)
    session.refuseIfObserved()
    await goOn(rooms, session)
    return { queue: session.queue.value }
  },
}

/** Let a prompt wait. Who adds to an empty queue of a free session knows how the last turn ended. */
export function enqueue(
  rooms: HubRooms,
  session: Session,
  prompt: Prompt,
  client: Client,
  { notBefore, before }: { notBefore?: number | undefined; before?: string | undefined },
): QueueEntry {
  const { queue } = session
  if (queue.isEmpty) queue.passed(endedTurn(session))
  const entry = queue.add(prompt, {
    id: mintId('que', rooms.clock.now()),
    by: actorOf(client),
    notBefore: notBefore ?? null,
    ...(before === undefined ? {} : { before }),
  })
  rooms.queues.wake(session)
  return entry
}

/** The newest turn, when it is over. */
function endedTurn({ record }: Session): string | null {
  const newest = record.state.turns.at(-1)
  return newest && newest.status !== 'inProgress' ? newest.id : null
}

async function goOn(rooms: HubRooms, session: Session): Promise<void> {
  await session.record.hydrate()
  session.queue.resume(endedTurn(session))
  rooms.queues.wake(session)
}

/** Into the turn that runs, marked before it leaves as everything that leaves the queue is. */
async function promote(
  rooms: HubRooms,
  session: Session,
  { entryId, ...expected }: { commandId: string; entryId: string; expectedTurnId: string | undefined },
): Promise<string> {
  const { queue } = session
  const { input, settings, cwd, outputSchema } = await queue.prompt(entryId)
  if (Object.keys(settings).length > 0 || cwd !== null || outputSchema !== null) {
    throw new HubError(
      'notPossible',
      'What the running turn runs with cannot be changed; this entry would.',
      {
        reason: 'turnInProgress',
        entryId,
      },
    )
  }
  if (!runningTurn(session.record.state)) {
    throw new HubError('notPossible', 'No turn is running.', { reason: 'noTurn', phase: session.phase })
  }
  queue.markSending(entryId)
  try {
    await rooms.store.flush()
    const turnId = await steer(session, { ...expected, commandId: entryId, input })
    queue.sent(entryId, turnId)
    return turnId
  } catch (error) {
    if (error instanceof HubError && error.data.name === 'indeterminate')
      queue.inDoubt(entryId, error.message)
    else queue.notSent(entryId, error instanceof Error ? error.message : String(error))
    throw error
  } finally {
    rooms.queues.look(session)
  }
}
