/** Sessions as files: piece by piece out of a hub, and into one, so that no file is there as a whole. */
import { isHubError } from '../protocol/errors.ts'
import type { ExportFormat } from '../protocol/export.ts'
import type { ResultOf } from '../protocol/methods.ts'
import type { HubClient } from './client.ts'
import { newCommandId } from './command-id.ts'

export type ExportPiece = Omit<ResultOf<'session/export'>, 'nextPageToken'>

/** How long to wait for a history that the hub still reads. Milliseconds. */
const READING_MS = 1_000
/** UTF-16 units. */
const PIECE_UNITS = 512 * 1024

/** The file of a session; its pieces one after the other make it up. @throws HubError */
export async function* exportSession(
  hub: HubClient,
  sessionId: string,
  format: ExportFormat,
): AsyncGenerator<ExportPiece> {
  let pageToken: string | undefined
  for (;;) {
    const params = { sessionId, format, ...(pageToken === undefined ? {} : { pageToken }) }
    try {
      const { nextPageToken, ...piece } = await hub.request('session/export', params)
      pageToken = nextPageToken ?? undefined
      yield piece
    } catch (error) {
      if (!isHubError(error, 'notPossible') || error.data.facts.reason !== 'reading') throw error
      await new Promise((resolve) => setTimeout(resolve, READING_MS))
      continue
    }
    if (pageToken === undefined) return
  }
}

/** Bring an exported session into a hub. @param pieces the file's text, in order @throws HubError `invalidFile` … */
export async function importSession(
  hub: HubClient,
  pieces: Iterable<string> | AsyncIterable<string>,
): Promise<ResultOf<'session/import'>> {
  const uploadId = newCommandId()
  let offset = 0
  const send = async (text: string): Promise<void> => {
    offset = (await hub.request('import/upload', { uploadId, offset, text })).length
  }
  let rest = ''
  for await (const piece of pieces) {
    rest += piece
    while (rest.length > PIECE_UNITS) {
      const end = wholeEnd(rest)
      await send(rest.slice(0, end))
      rest = rest.slice(end)
    }
  }
  await send(rest)
  return hub.command('session/import', { uploadId })
}

/** Never between the halves of a character. */
function wholeEnd(text: string): number {
  const unit = text.charCodeAt(PIECE_UNITS - 1)
  return unit >= 0xd800 && unit <= 0xdbff ? PIECE_UNITS - 1 : PIECE_UNITS
}
