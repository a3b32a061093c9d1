/** The threads Codex knows of, from its own index where it has one. */
import type { Thread } from '../../../protocol/thread.ts'
import { ConnectorError } from '../../connector.ts'
import { asFields, asList, asText, type Fields, secondsToMs } from '../decode.ts'
import type { ThreadListParams } from '../generated/protocol.ts'
import type { CodexLine } from '../requests.ts'

export type ListedThread = Omit<Thread, 'sessionId'>

export interface ThreadQuery {
  readonly limit: number
  readonly archived: boolean
  readonly query: string | null
  readonly cursor: string | null
}

export interface ThreadPage {
  readonly threads: readonly ListedThread[]
  readonly nextCursor: string | null
}

/** All there are: without them Codex lists what a person started in a terminal or an editor, and nothing else. */
const SOURCES: ThreadListParams['sourceKinds'] = ['cli', 'vscode', 'exec', 'appServer', 'subAgent', 'unknown']
const TITLE_UNITS = 200

/**
 * One page, newest first. Releases before 0.98, which also lack `thread/unarchive`, would list all others for the archived. `useStateDbOnly` (0.142 and later) keeps Codex from reading every rollout first; releases
 * before 0.120, which also lack `turn/steer`, pass over `searchTerm`, so titles are compared here. @throws ConnectorError
 */
export async function listThreads(
  line: CodexLine,
  { limit, archived, query, cursor }: ThreadQuery,
): Promise<ThreadPage> {
  if (archived && !line.methods.has('thread/unarchive')) {
    throw new ConnectorError('unsupported', 'This release of Codex lists no archived threads.', {
      method: 'thread/list',
    })
  }
  const canSearch = line.methods.has('turn/steer')
  const answer = asFields(
    await line.ask('thread/list', {
      limit,
      cursor,
      archived,
      sortKey: 'updated_at',
      modelProviders: [],
      sourceKinds: SOURCES,
      useStateDbOnly: true,
      ...(query === null ? {} : { searchTerm: query }),
    }),
  )
  const threads = asList(answer?.data).flatMap((value) => readListed(value, archived))
  const wanted = query?.toLowerCase() ?? ''
  return {
    threads: canSearch ? threads : threads.filter(({ title }) => title.toLowerCase().includes(wanted)),
    nextCursor: asText(answer?.nextCursor),
  }
}

function readListed(value: unknown, archived: boolean): ListedThread[] {
  const thread = asFields(value)
  const threadId = asText(thread?.id)
  if (!thread || threadId === null) return []
  const name = asText(thread.name)
  const preview = asText(thread.preview)?.trim().slice(0, TITLE_UNITS) ?? ''
  return [
    {
      threadId,
      title: name ?? (preview === '' ? threadId : preview),
      name,
      cwd: asText(thread.cwd),
      branch: asText(asFields(thread.gitInfo)?.branch),
      model: asText(thread.model),
      modelProvider: asText(thread.modelProvider),
      source: sourceOf(thread.source),
      codexVersion: asText(thread.cliVersion),
      parentThreadId: asText(thread.parentThreadId),
      forkedFromThreadId: asText(thread.forkedFromId),
      archived,
      createdAt: secondsToMs(thread.createdAt),
      updatedAt: secondsToMs(thread.updatedAt),
    },
  ]
}

/** A word, or an object of which the key is the word: `{subAgent: …}`, `{custom: "x"}`. */
function sourceOf(value: unknown): string | null {
  const fields: Fields | null = asFields(value)
  if (!fields) return asText(value)
  return asText(fields.custom) ?? Object.keys(fields)[0] ?? null
}
