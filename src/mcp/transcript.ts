/** A session as markdown: its facts, then what was said and done, newest at the end, bounded. */
import type { ResultOf } from '../protocol/methods.ts'
import { briefOf, briefText, waitingOf, waitingText } from './brief.ts'
import { itemText } from './item-brief.ts'
import type { ToolCall } from './tool.ts'
import { fence, Room } from './untrusted.ts'

const ITEMS = 200
const TRANSCRIPT_UNITS = 120_000

const HEADINGS: Readonly<Record<string, string>> = {
  userMessage: 'User',
  agentMessage: 'Agent',
  reasoning: 'Reasoning',
  commandExecution: 'Command',
  fileChange: 'Changes',
  plan: 'Plan',
}

export async function transcriptOf(call: Pick<ToolCall, 'request'>, sessionId: string): Promise<string> {
  const [{ session, approvals }, page] = await Promise.all([
    call.request('session/get', { sessionId }),
    call.request('session/items', { sessionId, limit: ITEMS }),
  ])
  const waiting = approvals.filter(({ state }) => state === 'pending').map(waitingOf)
  const parts = [briefText(briefOf(session)), waitingText(sessionId, waiting), itemsText(sessionId, page)]
  return parts.filter((part) => part !== '').join('\n\n')
}

function itemsText(sessionId: string, { items, nextPageToken }: ResultOf<'session/items'>): string {
  const room = new Room(TRANSCRIPT_UNITS)
  const shown: string[] = []
  // Newest first, so that the newest get what room there is.
  for (const item of items) {
    if (room.isFull) break
    shown.push(`## ${HEADINGS[item.type] ?? item.type}\n\n${room.take(itemText(item), 8_000)}`)
  }
  const isWhole = shown.length === items.length && nextPageToken === null
  const note = isWhole ? '' : '(Older items are left out; get_session pages through them.)\n\n'
  return shown.length === 0 ? '' : `${note}${fence(sessionId, shown.reverse().join('\n\n'))}`
}
