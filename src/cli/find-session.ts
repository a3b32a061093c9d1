/** Which session a person means: by id, part of an id, thread id or title. Never a guess between two. */
import type { HubClient } from '../client/client.ts'
import type { Summary } from '../protocol/summary.ts'
import { CliError, EXIT } from './exit.ts'
import { safe } from './text.ts'

/** Shorter parts of an id are accidents: one letter must never end the only session that has it. */
const SHORTEST_PART = 4

/**
 * @param archived which list it is in; `orElse`: archived ones where no other fits, for what only reads
 * @throws CliError when none is meant, or several could be
 */
export async function findSession(
  hub: HubClient,
  name: string,
  archived: boolean | 'any' | 'orElse' = false,
): Promise<Summary> {
  const lists = archived === 'any' ? [false, true] : [archived === true]
  const all = (await Promise.all(lists.map((each) => everySession(hub, each)))).flat()
  let matches = matching(all, name)
  if (matches.length === 0 && archived === 'orElse') matches = matching(await everySession(hub, true), name)
  const [first] = matches
  if (!first) {
    if (archived === false) await refuseArchived(hub, name)
    const what = archived === true ? 'archived session' : 'session'
    throw new CliError(`No ${what} is called "${safe(name)}"; "codex-hub sessions" lists them.`, EXIT.failed)
  }
  if (matches.length > 1) {
    const list = matches.map(({ id, title }) => `  ${id}  ${safe(title)}`).join('\n')
    throw new CliError(
      `"${safe(name)}" could be several sessions; name one by its id:\n${list}`,
      EXIT.usage,
      {
        candidates: matches.map(({ id }) => id),
      },
    )
  }
  return first
}

/** @throws CliError when it is there, and put away */
async function refuseArchived(hub: HubClient, name: string): Promise<void> {
  const [found] = matching(await everySession(hub, true), name)
  if (!found) return
  const { id, title } = found
  throw new CliError(
    `"${safe(title)}" is archived; "codex-hub unarchive ${shortId(id)}" brings it back.`,
    EXIT.refused,
    { sessionId: id },
  )
}

/** Exact names first; parts of ids only where none fits. */
export function matching<Named extends Pick<Summary, 'id' | 'threadId' | 'title'>>(
  all: readonly Named[],
  name: string,
): Named[] {
  const byId = all.filter(({ id, threadId }) => id === name || threadId === name)
  if (byId.length > 0) return byId
  const byTitle = all.filter(({ title }) => title === name)
  if (byTitle.length > 0) return byTitle
  const part = name.replace(/^ses_/, '')
  if (part.length < SHORTEST_PART) return []
  return all.filter(({ id }) => id.startsWith(`ses_${part}`) || id.endsWith(part))
}

/** The end of an id, which tells sessions apart (its beginning is the time it was made). */
export function shortId(id: string): string {
  return id.slice(-8)
}

/** The whole list, page by page. */
export async function everySession(hub: HubClient, archived: boolean): Promise<Summary[]> {
  const all: Summary[] = []
  let pageToken: string | undefined
  do {
    const page = await hub.request('session/list', {
      limit: 500,
      archived,
      subagents: true,
      ...(pageToken ? { pageToken } : {}),
    })
    all.push(...page.sessions)
    pageToken = page.nextPageToken ?? undefined
  } while (pageToken)
  return all
}
