/** What Codex says of a thread, as facts: from `thread/start`, `thread/resume`, `thread/read` and `thread/started`. */
import type { Git } from '../../protocol/summary.ts'
import type { ThreadFacts } from '../event.ts'
import { asFields, asText, asTexts, type Fields, secondsToMs } from './decode.ts'
import { readSettings } from './settings.ts'

export type KnownThread = ThreadFacts & { readonly threadId: string }

export interface ThreadStatus {
  readonly status: 'idle' | 'active' | 'systemError'
  readonly flags: readonly string[]
}

/**
 * Facts of a `Thread`. Fields an older release does not have stay undefined.
 * @param around the answer that holds the thread: settings are beside it, not in it
 */
export function readThread(value: unknown, around: Fields = {}): KnownThread | null {
  const thread = asFields(value)
  const threadId = asText(thread?.id)
  if (!thread || threadId === null) return null
  const createdAt = secondsToMs(thread.createdAt)
  const cwd = asText(around.cwd) ?? asText(thread.cwd)
  return {
    threadId,
    ...(thread.sessionId === undefined ? {} : { codexSessionId: asText(thread.sessionId) }),
    ...(thread.forkedFromId === undefined ? {} : { forkedFromThreadId: asText(thread.forkedFromId) }),
    ...(cwd === null ? {} : { cwd }),
    ...(thread.gitInfo === undefined ? {} : { git: readGit(thread.gitInfo) }),
    ...(thread.name === undefined ? {} : { name: asText(thread.name) }),
    ...(thread.path === undefined ? {} : { rolloutPath: asText(thread.path) }),
    ...(createdAt === null ? {} : { createdAt }),
    settings: readSettings(around),
  }
}

function readGit(value: unknown): Git | null {
  const git = asFields(value)
  if (!git) return null
  const url = asText(git.originUrl)
  return {
    branch: asText(git.branch),
    repository: url === null ? null : withoutCredentials(url),
    root: null,
    sha: asText(git.sha),
  }
}

/** `https://user:token@host/…` would carry a secret into logs and lists (L20). */
function withoutCredentials(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@\s]*@/i, '$1')
}

/** Whether the process has let go of the thread. Only to be believed of a process that had it loaded. */
export function isUnloaded(status: unknown): boolean {
  return asText(asFields(status)?.type) === 'notLoaded'
}

/** Null for `notLoaded` and what is not known: seen from another process a running thread reads as `notLoaded`. */
export function readStatus(value: unknown): ThreadStatus | null {
  const fields = asFields(value)
  const type = asText(fields?.type)
  if (type !== 'idle' && type !== 'active' && type !== 'systemError') return null
  return { status: type, flags: asTexts(fields?.activeFlags) }
}
