/** The whole list of sessions, page by page: agents sort and filter it otherwise than the hub pages it. */
import type { Summary } from '../protocol/summary.ts'
import type { ToolCall } from './tool.ts'

/** More than any list an agent reads; past it only the newest are looked at. */
const MOST_SESSIONS = 5_000
const PAGE = 500

export async function everySession(
  call: Pick<ToolCall, 'request' | 'signal'>,
  { archived, cwd }: { archived: boolean; cwd?: string | undefined },
): Promise<Summary[]> {
  const all: Summary[] = []
  let pageToken: string | null = null
  do {
    call.signal.throwIfAborted()
    const params: { limit: number; archived: boolean; cwd?: string; pageToken?: string } = {
      limit: PAGE,
      archived,
    }
    if (cwd !== undefined) params.cwd = cwd
    if (pageToken !== null) params.pageToken = pageToken
    const page: { sessions: Summary[]; nextPageToken: string | null } = await call.request(
      'session/list',
      params,
    )
    all.push(...page.sessions)
    pageToken = page.nextPageToken
  } while (pageToken !== null && all.length < MOST_SESSIONS)
  return all
}
