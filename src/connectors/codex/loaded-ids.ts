/** Which threads an app-server has loaded, by its own list. */
import type { Conversation } from './conversation.ts'
import { asFields, asText, asTexts, type Fields } from './decode.ts'

/** @param timeoutMs of each page. @throws ConnectorError */
export async function loadedThreadIds(
  server: Pick<Conversation, 'request'>,
  timeoutMs?: number,
): Promise<Set<string>> {
  const ids = new Set<string>()
  let cursor: string | null = null
  do {
    const page: Fields | null = asFields(
      await server.request('thread/loaded/list', cursor === null ? {} : { cursor }, timeoutMs),
    )
    const before = ids.size
    for (const id of asTexts(page?.data)) ids.add(id)
    // A page that brings nothing new is the last one, whatever its cursor says.
    cursor = ids.size === before ? null : asText(page?.nextCursor)
  } while (cursor !== null)
  return ids
}
