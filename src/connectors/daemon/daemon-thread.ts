/** A loaded thread as its daemon describes it, and which of them are sessions of a person. */
import { stat } from 'node:fs/promises'
import { asFields, asText, type Fields } from '../codex/decode.ts'
import { type KnownThread, readStatus, readThread, type ThreadStatus } from '../codex/thread-facts.ts'

export interface DaemonThread {
  readonly threadId: string
  readonly facts: KnownThread
  readonly status: ThreadStatus
  /** The first prompt, cut by Codex; null before there is one. */
  readonly preview: string | null
  /**
   * Where it was begun, in Codex's words. Of little use: every terminal on a daemon counts as `vscode`, and the originator
   * is whoever connected to the daemon first (0.169).
   */
  readonly source: string | null
  readonly originator: string | null
}

/** Null when it is no thread. */
export function readDaemonThread(fields: Fields): DaemonThread | null {
  // Here the settings are in the thread; in the answer to a resume they are beside it.
  const facts = readThread(fields, fields)
  if (!facts) return null
  const preview = asText(fields.preview)
  return {
    threadId: facts.threadId,
    facts,
    status: readStatus(fields.status) ?? { status: 'idle', flags: [] },
    preview: preview === '' ? null : preview,
    source: asText(fields.source) ?? asText(asFields(fields.source)?.custom),
    originator: asText(fields.originator),
  }
}

/**
 * Whether a person's session. Not so: what a terminal loads to find a title (`ephemeral`, and without a rollout) and
 * subagents, which belong to the session of the thread they work for.
 */
export function isPersonal(thread: Fields): boolean {
  if (thread.ephemeral === true || asText(thread.parentThreadId) !== null) return false
  const source = asFields(thread.source)
  return source === null || !('subAgent' in source || 'subagent' in source)
}

/** Whether it has had a prompt. Before that it has no rollout, and a second client cannot join it (0.169). */
export async function hasBegun({ facts: { rolloutPath } }: DaemonThread): Promise<boolean> {
  if (rolloutPath === null || rolloutPath === undefined) return false
  const files = await Promise.all(
    // One that was idle for days is compressed until the next prompt.
    [rolloutPath, `${rolloutPath}.zst`].map((path) => stat(path).catch(() => null)),
  )
  return files.some((file) => file !== null && file.size > 0)
}
