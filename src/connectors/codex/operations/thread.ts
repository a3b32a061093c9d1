/** What is done to a thread as a whole: one request, one answer each. */
import { ConnectorError } from '../../connector.ts'
import { readHistory } from '../history.ts'
import type { CodexLine, ThreadLine } from '../requests.ts'
import { isStableTurnId } from '../turn-ids.ts'
import { need } from './need.ts'

/** A thread may have turns the hub never heard of; the one that is looked for is among so many more. */
const TURNS_BEYOND = 50

/** Let Codex shorten the thread's context; it runs as a turn of its own, which begins after this. @throws ConnectorError */
export async function compactThread(line: ThreadLine): Promise<void> {
  await line.ask('thread/compact/start', { threadId: line.threadId })
}

/** Delete the thread with its history, for good. @throws ConnectorError `unsupported` before 0.142 */
export async function deleteThread(line: CodexLine, threadId: string): Promise<void> {
  needDeletion(line)
  await line.ask('thread/delete', { threadId })
}

/** @throws ConnectorError `unsupported` before 0.142 */
export function needDeletion(line: CodexLine): void {
  if (line.methods.has('thread/delete')) return
  throw new ConnectorError('unsupported', 'This release of Codex deletes no threads; archive it instead.', {
    method: 'thread/delete',
  })
}

/** Move the thread's rollout among the archived ones, or back. @throws ConnectorError */
export async function setArchived(line: CodexLine, threadId: string, archived: boolean): Promise<void> {
  const method = archived ? 'thread/archive' : 'thread/unarchive'
  need(line, method)
  await line.ask(method, { threadId })
}

/**
 * Take the newest turns out of the thread's history. Files are not touched.
 * @param turns the turns that go, oldest first: all from one on
 * @throws ConnectorError `unsupported`; `refused` where Codex does not know the first of them
 */
export async function revertThread(line: ThreadLine, turns: readonly RevertedTurn[]): Promise<void> {
  const [first] = turns
  if (!first) return
  const { threadId } = line
  const beforeTurnId = line.codexTurnId(first.id)
  if (line.methods.has('thread/revert')) {
    await line.ask('thread/revert', { threadId, beforeTurnId })
    return
  }
  if (!line.methods.has('thread/rollback')) {
    throw new ConnectorError('unsupported', 'This release of Codex takes no turns back.', {
      method: 'thread/revert',
    })
  }
  const numTurns = await turnsFrom(line, beforeTurnId, turns)
  if (numTurns > 0) await line.ask('thread/rollback', { threadId, numTurns })
}

export interface RevertedTurn {
  readonly id: string
  /** A person said something in it. */
  readonly hasPrompt: boolean
}

/** How many turns there are from this one on, as Codex counts them: more than there are would take back all, silently. */
async function turnsFrom(
  line: ThreadLine,
  beforeTurnId: string,
  turns: readonly RevertedTurn[],
): Promise<number> {
  // Up to 0.98 turns are told by their prompts, and numbered anew in each process.
  if (!isStableTurnId(beforeTurnId)) return turns.filter(({ hasPrompt }) => hasPrompt).length
  const history = await readHistory(line, line.threadId, turns.length + TURNS_BEYOND)
  const place = history.findIndex(({ turn }) => turn.id === beforeTurnId)
  if (place >= 0) return history.length - place
  throw new ConnectorError('refused', `Codex does not have the turn ${beforeTurnId}.`, {
    turnId: beforeTurnId,
  })
}
