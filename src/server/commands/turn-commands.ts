/** Commands on the running turn and on the thread as a whole, beyond starting and interrupting. */
import { compactThread, setArchived } from '../../connectors/codex/operations/thread.ts'
import type { CodexLine } from '../../connectors/codex/requests.ts'
import { HubError } from '../../protocol/errors.ts'
import type { Summary } from '../../protocol/summary.ts'
import type { HubRooms } from '../rooms.ts'
import { asWireErrors } from '../session/connector-failure.ts'
import { refuseSubagent } from '../session/refusals.ts'
import type { Session } from '../session/session.ts'
import { patch } from '../session/summary-patch.ts'
import { heldBy } from './adoption-commands.ts'
import type { Handlers } from './dispatch.ts'
import { free } from './free.ts'
import { keepFromTurns, steer } from './prompts.ts'

type Names = 'session/steer' | 'session/compact' | 'session/archive' | 'session/unarchive'

/** How long Codex may take to begin a compaction it accepted. Milliseconds. */
const BEGIN_MS = 10_000

export const turnHandlers: Pick<Handlers, Names> = {
  async 'session/steer'(rooms, { commandId, sessionId, expectedTurnId, input }) {
    const session = rooms.registry.get(sessionId)
    return { turnId: await steer(session, { commandId, input, expectedTurnId }) }
  },
  async 'session/compact'(rooms, { sessionId }) {
    const session = rooms.registry.get(sessionId)
    await session.record.hydrate()
    session.refuseIfObserved()
    if (session.summary.counters.turns === 0) throw nothingSaid('compact')
    const release = session.turns.reserve()
    try {
      const { line, operations, codexVersion } = await session.ensureLive()
      session.turns.refuse()
      if (!line || !operations.has('compact')) {
        throw new HubError('unsupported', 'This release of Codex compacts only by itself.', { codexVersion })
      }
      const tokensBefore = session.summary.tokens
      const begun = session.turns.begun(BEGIN_MS, rooms.clock)
      await asWireErrors(() => compactThread(line))
      return { turnId: await begun, tokensBefore }
    } finally {
      release()
    }
  },
  async 'session/archive'(rooms, { sessionId }) {
    return { session: await archive(rooms, sessionId, true) }
  },
  async 'session/unarchive'(rooms, { sessionId }) {
    return { session: await archive(rooms, sessionId, false) }
  },
}

/** Codex ends a thread it archives, so nothing may be going on in it, here or elsewhere. */
async function archive(rooms: HubRooms, sessionId: string, archived: boolean): Promise<Summary> {
  const session = rooms.registry.get(sessionId)
  await session.record.hydrate()
  const { threadId, counters } = session.summary
  if (session.summary.archived === archived) return session.summary
  refuseSubagent(session.summary)
  if (threadId === null || counters.turns === 0) throw nothingSaid('archive')
  if (session.connector?.door === 'observed') await refuseIfHeld(rooms, threadId)
  // While it is being opened nobody can tell what is behind it.
  await session.door.settled()
  const release = keepFromTurns(session)
  try {
    await archiveInCodex(rooms, session, threadId, archived)
    await fileMoved(rooms, session)
    session.facts.apply(patch(session.summary, { archived }))
  } finally {
    release()
  }
  return session.summary
}

async function archiveInCodex(
  rooms: HubRooms,
  session: Session,
  threadId: string,
  archived: boolean,
): Promise<void> {
  if (session.connector?.door === 'attached') {
    const { line } = session.connector
    if (line) await asWireErrors(() => setArchived(line, threadId, archived))
    return
  }
  // A process of ours that is on its way out still holds the thread.
  if (session.connector?.door !== 'observed') await free(rooms, session)
  await refuseIfHeld(rooms, threadId)
  const { codexHome } = session.record.stored
  const archive = (line: CodexLine) => setArchived(line, threadId, archived)
  await asWireErrors(() => rooms.driver.ask(archive, codexHome, threadId))
}

async function refuseIfHeld(rooms: HubRooms, threadId: string): Promise<void> {
  const holder = await rooms.adoption.holderOf(threadId)
  if (holder) throw heldBy(holder)
}

/** The rollout lies elsewhere now, and that was us: nobody else writes it who would have to be watched. */
async function fileMoved(rooms: HubRooms, session: Session): Promise<void> {
  if (session.connector?.door === 'attached') return
  await rooms.registry.hooks.onRest(session, true)
  await session.door.settled()
  if (session.connector?.door === 'observed') await rooms.registry.stop(session.id, { rest: 'dormant' })
}

function nothingSaid(what: string): HubError {
  return new HubError('notPossible', `Nothing was said in this session; there is nothing to ${what}.`, {
    reason: 'noTurns',
  })
}
