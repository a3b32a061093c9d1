/** Sessions as files, and back. */
import { HubError } from '../../protocol/errors.ts'
import { formatOf } from '../export/export.ts'
import type { HubRooms } from '../rooms.ts'
import type { ObservedSource } from '../session/foreign-doors.ts'
import type { Session } from '../session/session.ts'
import type { Handlers } from './dispatch.ts'

/** How long one piece may wait for a history that is being read from a file. Milliseconds. */
const READING_MS = 15_000

export const exportHandlers: Pick<Handlers, 'session/export' | 'import/upload' | 'session/import'> = {
  async 'session/export'(rooms, { sessionId, format, pageToken }) {
    const session = rooms.registry.get(sessionId)
    if (pageToken === undefined) await haveHistory(rooms, session)
    session.record.writeGrowing()
    const { text, next } = await rooms.exports.piece(session.summary, format, pageToken)
    const { ending, mediaType } = await formatOf(format)
    return {
      text,
      nextPageToken: next,
      fileName: `${fileNameOf(session.summary.title)}.${ending}`,
      mediaType,
    }
  },
  async 'import/upload'(rooms, { uploadId, offset, text }) {
    return { length: await rooms.uploads.add(uploadId, offset, text) }
  },
  async 'session/import'(rooms, { uploadId }) {
    return rooms.uploads.use(uploadId, (path) => rooms.imports.import(path))
  },
}

/** A session that was never opened here is in its rollout only. @throws HubError `notPossible` while it is read */
async function haveHistory(rooms: HubRooms, session: Session): Promise<void> {
  await session.record.hydrate()
  await rooms.adoption.readUp(session)
  const source = session.connector?.door === 'observed' ? (session.connector as ObservedSource) : null
  if (!source) return
  const isRead = await Promise.race([
    source.caughtUp.then(() => true),
    new Promise<boolean>((resolve) => rooms.clock.after(READING_MS, () => resolve(false))),
  ])
  if (isRead) return
  throw new HubError(
    'notPossible',
    'The history of this session is still being read from its file; try again soon.',
    {
      reason: 'reading',
      reading: session.summary.reading,
    },
  )
}

/** A title as a name that every file system takes. */
function fileNameOf(title: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are among what no file name may hold
  const plain = title.replace(/[\u0000-\u001f\u007f<>:"/\\|?*]+/g, ' ').replace(/\s+/g, ' ')
  return plain.trim().replace(/^\.+/, '').slice(0, 80).trim() || 'session'
}
