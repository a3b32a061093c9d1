/** Deleting sessions: what the hub stores of them always, Codex's thread where that is asked for. */
import { deleteThread, needDeletion } from '../../connectors/codex/operations/thread.ts'
import { ConnectorError } from '../../connectors/connector.ts'
import { HubError } from '../../protocol/errors.ts'
import type { HubRooms } from '../rooms.ts'
import { asWireErrors } from '../session/connector-failure.ts'
import type { Session } from '../session/session.ts'
import { heldBy } from './adoption-commands.ts'
import type { Handlers } from './dispatch.ts'
import { free } from './free.ts'

type Names = 'session/delete' | 'session/adopt'

export const deletionHandlers: Pick<Handlers, Names> = {
  async 'session/delete'(rooms, { sessionId, codex, force }) {
    const session = rooms.registry.get(sessionId)
    await session.record.hydrate()
    // While it is being opened nobody can tell what is behind it.
    await session.door.settled()
    // Held to the end: a prompt that comes meanwhile is refused and starts nothing that would be left behind.
    const release = force ? null : session.turns.reserve()
    const family = [session, ...workersOf(rooms, session)]
    const returns = family.map((member) => rooms.adoption.leave(member))
    try {
      // Its own thread first: who deletes that may still be refused.
      const threadId = codex ? await deleteInCodex(rooms, session) : session.summary.threadId
      if (codex) for (const member of family.slice(1)) await deleteInCodex(rooms, member)
      for (const member of family) await forget(rooms, member, threadId !== null)
      return { threadId, deleted: family.map(({ id }) => id) }
    } finally {
      for (const back of returns) back()
      release?.()
    }
  },
  async 'session/adopt'(rooms, { threadId }) {
    const session = await rooms.adoption.take(threadId)
    if (session) return { session: session.summary }
    throw new HubError('notFound', `No watched Codex home has a session with the thread ${threadId}.`, {
      threadId,
    })
  },
}

/** The sessions of its subagents, at any depth. */
function workersOf(rooms: HubRooms, { summary }: Session): Session[] {
  const { threadId } = summary
  if (threadId === null) return []
  const direct = [...rooms.registry.sessions].filter((each) => each.summary.parentThreadId === threadId)
  return direct.flatMap((worker) => [worker, ...workersOf(rooms, worker)])
}

/** @returns null: nothing is left of the thread */
async function deleteInCodex(rooms: HubRooms, session: Session): Promise<null> {
  const { threadId, counters } = session.summary
  // Codex keeps nothing of a thread in which nothing was said.
  if (threadId === null || (counters.turns === 0 && session.connector?.door === 'driven')) return null
  const { connector } = session
  const line = connector?.line
  // Before anything is ended for it.
  if (line) await asWireErrors(async () => needDeletion(line))
  if (connector?.door === 'attached' && line) {
    await asWireErrors(() => deleteThread(line, threadId).catch(passIfUnknown))
    return null
  }
  // One of ours that is on its way out, or out of reach, is no somebody else.
  if (!connector) await free(rooms, session)
  const holder = connector?.door === 'driven' ? null : await rooms.adoption.holderOf(threadId)
  if (holder) throw heldBy(holder)
  await free(rooms, session)
  const { codexHome } = session.record.stored
  await asWireErrors(() =>
    rooms.driver.ask((line) => deleteThread(line, threadId).catch(passIfUnknown), codexHome, threadId),
  )
  return null
}

/** It was deleted before, perhaps by this very command in a hub that stopped in the middle. */
function passIfUnknown(error: unknown): void {
  if (!(error instanceof ConnectorError) || error.fault !== 'threadNotFound') throw error
}

async function forget(rooms: HubRooms, session: Session, isKept: boolean): Promise<void> {
  const { registry, adoption, clients } = rooms
  await free(rooms, session)
  registry.drop(session.id, adoption.forget(session, isKept))
  clients.sessionRemoved(session.id)
}
