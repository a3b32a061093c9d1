/** Changes of queues as entries of a batch. */

import type { Change } from './change.ts'
import { type Entry, json, makeEntry, operation } from './entry.ts'
import type { Cell } from './operations.ts'

export const QUEUE_SCOPE = 'queues'
const SCOPES = [QUEUE_SCOPE]

type QueueChange = Extract<
  Change,
  { readonly kind: 'queue' | 'queueEntry' | 'queuePrompt' | 'queueEntryGone' }
>

/** An entry and its prompt have keys of their own: a change of one must not take the other's place in a batch. */
export function encodeQueueChange(change: QueueChange): Entry[] {
  const { sessionId } = change
  switch (change.kind) {
    case 'queue': {
      const { hold, pastTurnId, sent } = change.queue
      const cells = [sessionId, json(hold), pastTurnId, JSON.stringify(sent)]
      return [makeEntry(`queue ${sessionId}`, SCOPES, operation('putQueue', cells))]
    }
    case 'queueEntry': {
      const { id } = change.entry
      const cells = [sessionId, id, JSON.stringify(change.entry)]
      return [makeEntry(entryKey(sessionId, id), SCOPES, operation('putQueueEntry', cells))]
    }
    case 'queuePrompt': {
      const cells = [sessionId, change.entryId, JSON.stringify(change.prompt)]
      return [makeEntry(promptKey(sessionId, change.entryId), SCOPES, operation('putQueuePrompt', cells))]
    }
    case 'queueEntryGone': {
      const cells = [sessionId, change.entryId]
      return [
        makeEntry(entryKey(sessionId, change.entryId), SCOPES, operation('deleteQueueEntry', cells)),
        makeEntry(promptKey(sessionId, change.entryId), SCOPES, operation('deleteQueuePrompt', cells)),
      ]
    }
  }
}

/** All that a removed session leaves of its queue. */
export function queueRemoved(sessionId: string): Cell[] {
  return [
    ...operation('deleteQueue', [sessionId]),
    ...operation('deleteQueueEntries', [sessionId]),
    ...operation('deleteQueuePrompts', [sessionId]),
  ]
}

const entryKey = (sessionId: string, id: string) => `queue entry ${sessionId} ${id}`
const promptKey = (sessionId: string, id: string) => `queue prompt ${sessionId} ${id}`
