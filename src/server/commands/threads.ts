/** The thread browser: Codex's own list of threads, joined with the hub's sessions by thread. */
import { folderHolds } from '../../base/folder.ts'
import { type ListedThread, listThreads } from '../../connectors/codex/operations/threads.ts'
import { HubError } from '../../protocol/errors.ts'
import { asWireErrors } from '../session/connector-failure.ts'
import type { Handlers } from './dispatch.ts'
import { knownHome } from './place.ts'

/** Codex is asked so often for one page of which a folder leaves little. */
const MAX_ASKED = 10

export const threadHandlers: Pick<Handlers, 'thread/list'> = {
  async 'thread/list'(rooms, { home, limit, pageToken, archived, query, cwd }) {
    const codexHome = home === undefined ? rooms.adoption.ownHome : knownHome(rooms, home)
    const found: ListedThread[] = []
    let cursor = pageToken === undefined ? null : readToken(pageToken)
    for (let asked = 0; asked < MAX_ASKED; asked += 1) {
      const text = query?.trim() ? query.trim() : null
      const missing = limit - found.length
      const page = await asWireErrors(() =>
        rooms.driver.ask(
          (line) => listThreads(line, { limit: missing, archived, query: text, cursor }),
          codexHome,
        ),
      )
      found.push(...page.threads.filter((thread) => cwd === undefined || folderHolds(cwd, thread.cwd ?? '')))
      cursor = page.nextCursor
      if (cursor === null || found.length >= limit) break
    }
    const sessions = found.flatMap(({ threadId }) => rooms.registry.byThread(threadId)?.summary ?? [])
    return {
      codexHome,
      threads: found.map((thread) => ({
        ...thread,
        sessionId: rooms.registry.byThread(thread.threadId)?.id ?? null,
      })),
      sessions,
      nextPageToken: cursor === null ? null : Buffer.from(`threads ${cursor}`).toString('base64url'),
    }
  },
}

/** @throws HubError `invalidPageToken` */
function readToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString()
  if (text.startsWith('threads ')) return text.slice('threads '.length)
  throw new HubError(
    'invalidPageToken',
    'The page token is not one this list gave out. Start again without a token.',
  )
}
