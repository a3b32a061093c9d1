/** Whom a question about Codex itself goes to: the process of a session, or one on a home (`driver.ask`). */
import type { CodexLine } from '../../connectors/codex/requests.ts'
import { HubError } from '../../protocol/errors.ts'
import type { HubRooms } from '../rooms.ts'
import { asWireErrors } from '../session/connector-failure.ts'
import type { Session } from '../session/session.ts'

/** As clients name it: `src/protocol/methods/place.ts`. */
export interface Place {
  readonly sessionId?: string | undefined
  readonly home?: string | undefined
}

/** What a question gets. */
export interface Asked {
  readonly line: CodexLine
  /** The session's thread, while the line's process has it open. */
  readonly threadId: string | null
  /** The session's folder. */
  readonly cwd: string | null
  /** The session, while the line's process has its thread open. */
  readonly session: Session | null
}

/** Ask the Codex that is meant. A session with nothing behind it is not resumed for a question. @throws HubError */
export async function askThere<T>(
  rooms: HubRooms,
  { sessionId, home }: Place,
  question: (asked: Asked) => Promise<T>,
): Promise<T> {
  const codexHome = homeOf(rooms, { sessionId, home })
  if (sessionId === undefined) {
    return asWireErrors(() =>
      rooms.driver.ask((line) => question({ line, threadId: null, cwd: null, session: null }), codexHome),
    )
  }
  const session = rooms.registry.get(sessionId)
  const { cwd } = session.summary
  const line = session.door.isOpen ? session.connector?.line : null
  if (line) return asWireErrors(() => question({ line, threadId: line.threadId, cwd, session }))
  return asWireErrors(() =>
    rooms.driver.ask((other) => question({ line: other, threadId: null, cwd, session: null }), codexHome),
  )
}

/** The home that is meant; null for the hub's own. @throws HubError */
export function homeOf(rooms: HubRooms, { sessionId, home }: Place): string | null {
  if (sessionId !== undefined && home !== undefined) {
    throw new HubError('invalidParams', 'Name a session or a home, not both.', {
      fields: ['sessionId', 'home'],
    })
  }
  if (sessionId !== undefined) return rooms.registry.get(sessionId).record.stored.codexHome
  return home === undefined ? null : knownHome(rooms, home)
}

/** Anywhere else a process of Codex would make a home of whatever folder a client names. @throws HubError `notFound` */
export function knownHome(rooms: HubRooms, home: string): string {
  const homes = rooms.adoption.homes.configured.map(({ codexHome }) => codexHome)
  if (homes.includes(home)) return home
  throw new HubError('notFound', `${home} is none of the hub's homes; home/set makes it one.`, {
    home,
    homes,
  })
}
