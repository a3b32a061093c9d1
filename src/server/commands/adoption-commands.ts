/** Stepping up and down: taking over what others started, joining it, and handing over what is ours. */
import { HubError } from '../../protocol/errors.ts'
import { lookAtGit } from '../read-git.ts'
import type { HubRooms } from '../rooms.ts'
import { wireErrorOf } from '../session/connector-failure.ts'
import type { OpenHow } from '../session/machine.ts'
import { refuseSubagent } from '../session/refusals.ts'
import type { Session } from '../session/session.ts'
import type { Handlers } from './dispatch.ts'
import { free } from './free.ts'
import { keepFromTurns } from './prompts.ts'

type Names = 'session/takeOver' | 'session/join' | 'session/release'

export const adoptionHandlers: Pick<Handlers, Names> = {
  async 'session/takeOver'(rooms, { sessionId }) {
    const session = rooms.registry.get(sessionId)
    refuseIfOurs(session, 'take it over')
    const { threadId } = session.summary
    const holder = threadId === null ? null : await rooms.adoption.holderOf(threadId)
    // Another client was first, and the child that is being started for it holds the thread already: it is for both.
    const isOurs = [...rooms.ledger.processes].some(({ pid }) => pid === holder?.pid)
    if (holder && !isOurs) throw heldBy(holder)
    await step(rooms, session, 'resume')
    lookAtGit(session)
    return { session: session.summary }
  },
  async 'session/join'(rooms, { sessionId }) {
    const session = rooms.registry.get(sessionId)
    refuseIfOurs(session, 'join it')
    await step(rooms, session, 'join')
    return { session: session.summary }
  },
  async 'session/release'(rooms, { sessionId }) {
    const session = rooms.registry.get(sessionId)
    await session.record.hydrate()
    // While it is being opened nobody can tell what is behind it.
    await session.door.settled()
    const { threadId, cwd, door } = session.summary
    if (threadId === null || session.summary.counters.turns === 0) {
      throw new HubError(
        'notPossible',
        'Codex keeps no session without a prompt; there is nothing to hand over.',
        {
          reason: 'noTurns',
        },
      )
    }
    if (door === 'attached' || door === 'observed') {
      throw new HubError(
        'notPossible',
        'Others have this session open already; the hub holds nothing of it.',
        {
          reason: door,
        },
      )
    }
    const mayGoOn = keepFromTurns(session)
    try {
      refuseShared(rooms, session, threadId)
      await free(rooms, session)
    } finally {
      mayGoOn()
    }
    const { path, source } = rooms.codex.latest
    const { codexHome } = session.record.stored
    return {
      session: session.summary,
      command: [source === 'path' || path === null ? 'codex' : path, 'resume', threadId],
      env: codexHome === null ? rooms.adoption.ownHomeEnv : { CODEX_HOME: codexHome },
      cwd,
    }
  },
}

/** Its lock stays with the process, which has others to serve: no terminal could open it. */
function refuseShared({ registry }: HubRooms, session: Session, threadId: string): void {
  const { connector } = session
  const isAmongOthers = [...registry.sessions].some(
    (other) => other !== session && connector !== null && other.connector?.instance === connector.instance,
  )
  if (!isAmongOthers && !registry.holds(threadId)) return
  throw new HubError(
    'notPossible',
    'Its Codex process goes on for other sessions and keeps the thread open. Join it with a terminal (codex-hub open), or end the other sessions first.',
    { reason: 'sharedProcess' },
  )
}

function refuseIfOurs(session: Session, what: string): void {
  refuseSubagent(session.summary)
  const { door } = session.summary
  if (door !== 'driven' && door !== 'attached') return
  throw new HubError('notPossible', `The hub has this session open already; there is no need to ${what}.`, {
    reason: door,
  })
}

/** The refusal of what needs a thread that somebody else has open. */
export function heldBy(holder: { pid: number; command: string | null }): HubError {
  const who = `process ${holder.pid}${holder.command === null ? '' : ` (${holder.command.slice(0, 200)})`}`
  return new HubError(
    'heldElsewhere',
    `The session is open in ${who}. Watch it here, fork it, or end it there first.`,
    {
      holder,
      ways: ['session/join', 'session/fork'],
    },
  )
}

/** Through another door, or back to where it was. */
async function step(rooms: HubRooms, session: Session, how: OpenHow): Promise<void> {
  try {
    await rooms.registry.open(session.id, how)
  } catch (error) {
    rooms.adoption.lookAgain(session)
    throw wireErrorOf(error)
  }
}
