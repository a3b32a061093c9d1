/** What is done to a thread as a whole: one request, one answer each. */
import { ConnectorError } from '../../connector.ts'
import type { CodexLine, ThreadLine } from '../requests.ts'

/** Let Codex shorten the thread's context; it runs as a turn of its own, which begins after this. @throws ConnectorError */
export async function compactThread(line: ThreadLine): Promise<void> {
  await line.ask('thread/compact/start', { threadId: line.threadId })
}

/** Delete the thread with its history, for good. @throws ConnectorError `unsupported` before 0.142 */
export async function deleteThread(line: CodexLine, threadId: string): Promise<void> {
  if (!line.methods.has('thread/delete')) {
    throw new ConnectorError('unsupported', 'This release of Codex deletes no threads; archive it instead.', {
      method: 'thread/delete',
    })
  }
  await line.ask('thread/delete', { threadId })
}

/** Move the thread's rollout among the archived ones, or back. @throws ConnectorError */
export async function setArchived(line: CodexLine, threadId: string, archived: boolean): Promise<void> {
  const method = archived ? 'thread/archive' : 'thread/unarchive'
  if (!line.methods.has(method)) {
    throw new ConnectorError('unsupported', `This release of Codex has no ${method}.`, { method })
  }
  await line.ask(method, { threadId })
}
