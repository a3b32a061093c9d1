/** What operations share: the refusal of what a release lacks (L13), and lists that come in pages. */
import { ConnectorError } from '../../connector.ts'
import { asFields, asList, asText, type Fields } from '../decode.ts'
import type { CodexLine, Requests } from '../requests.ts'

/** @throws ConnectorError `unsupported` where the release has no such method */
export function need(line: CodexLine, method: keyof Requests): void {
  if (line.methods.has(method)) return
  throw new ConnectorError('unsupported', `This release of Codex has no ${method}.`, { method })
}

/** A server that hands out cursors without end must not hold us for ever. */
const MAX_PAGES = 100

/**
 * Every entry of a list, page after page. @param ask one page, from the cursor of the page before
 * @throws ConnectorError when there is no end to it: a part would look like all
 */
export async function readPages(
  ask: (page: { readonly cursor?: string }) => Promise<unknown>,
): Promise<unknown[]> {
  const entries: unknown[] = []
  let cursor: string | null = null
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = asFields(await ask(cursor === null ? {} : { cursor }))
    entries.push(...asList(answer?.data))
    cursor = asText(answer?.nextCursor)
    if (cursor === null) return entries
  }
  throw new ConnectorError(
    'refused',
    `Codex's list did not end after ${MAX_PAGES} pages with ${entries.length} entries; none of them is told.`,
    { pages: MAX_PAGES, entries: entries.length },
  )
}

/** Entries by the text that names each. What has no name cannot be asked for, and is left out. */
export function readNamed<T>(
  entries: readonly unknown[],
  key: string,
  read: (name: string, fields: Fields) => T,
): T[] {
  return entries.flatMap((entry) => {
    const fields = asFields(entry)
    const name = asText(fields?.[key])
    return !fields || name === null ? [] : [read(name, fields)]
  })
}
