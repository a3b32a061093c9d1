/** What cannot be done to a queue or an entry of it, and why. Pure. */
import { HubError } from '../../protocol/errors.ts'
import { jsonBytes } from '../../protocol/json-size.ts'
import { type Prompt, QUEUE_ENTRIES, type Queue, type QueueEntry } from '../../protocol/queue.ts'

/** What the prompts of one queue take together at most. Bytes of JSON. */
const QUEUE_BYTES = 32 * 1024 * 1024
/** What is shown of an entry must stay small: every client holds it. Bytes of JSON. */
const SETTINGS_BYTES = 8 * 1024

/** @throws HubError `overloaded` where the queue has no room for it, `invalidParams` for settings no client could hold */
export function refuseIfFull({ entries }: Queue, prompt: Prompt, replaced?: QueueEntry): void {
  if (jsonBytes(prompt.settings) > SETTINGS_BYTES) {
    throw new HubError('invalidParams', `The settings are larger than ${SETTINGS_BYTES} bytes.`, {
      field: 'settings',
    })
  }
  if (!replaced && entries.length >= QUEUE_ENTRIES) {
    throw new HubError('overloaded', `${entries.length} prompts wait in this session; no more fit.`, {
      entries: entries.length,
      maxEntries: QUEUE_ENTRIES,
    })
  }
  const held = entries.reduce((sum, { bytes }) => sum + bytes, 0) - (replaced?.bytes ?? 0)
  if (held + jsonBytes(prompt) <= QUEUE_BYTES) return
  throw new HubError(
    'overloaded',
    `The prompts that wait in this session would be larger than ${QUEUE_BYTES} bytes.`,
    {
      bytes: held,
      maxBytes: QUEUE_BYTES,
    },
  )
}

/** @throws HubError `notFound`, with the turn it is in where it was sent */
export function entryNamed({ entries, sent }: Queue, entryId: string): QueueEntry {
  const entry = entries.find(({ id }) => id === entryId)
  if (entry) return entry
  const turnId = sent.find(({ id }) => id === entryId)?.turnId ?? null
  throw new HubError(
    'notFound',
    turnId === null
      ? `No entry ${entryId} in this queue.`
      : `Entry ${entryId} was sent; it is in turn ${turnId}.`,
    { entryId, turnId },
  )
}

/** An entry that may be changed. @throws HubError `notFound`, `notPossible`; `stale` where it has another edition */
export function waitingEntry(queue: Queue, entryId: string, edition?: number): QueueEntry {
  const entry = entryNamed(queue, entryId)
  refuseWhileSending(entry)
  if (entry.state === 'indeterminate') {
    throw new HubError('notPossible', 'Nobody knows whether this entry was sent; retry or remove it.', {
      reason: 'indeterminate',
      entryId,
    })
  }
  if (edition === undefined || entry.edition === edition) return entry
  throw new HubError('stale', `Somebody else edited entry ${entryId}.`, { entryId, edition: entry.edition })
}

/** @throws HubError `notPossible` */
export function refuseWhileSending({ id, state }: QueueEntry): void {
  if (state !== 'sending') return
  throw new HubError('notPossible', 'This entry is being sent; it cannot be changed any more.', {
    reason: 'sending',
    entryId: id,
  })
}

/** @throws HubError `notPossible` for an entry of which it is known what became of it */
export function refuseUnlessInDoubt({ id, state }: QueueEntry): void {
  if (state === 'indeterminate') return
  throw new HubError('notPossible', 'It is known what became of this entry; there is nothing to repeat.', {
    reason: state,
    entryId: id,
  })
}

/** @throws HubError `notPossible` while nobody knows of an entry whether it was sent */
export function refuseInDoubt({ entries }: Queue): void {
  const doubtful = entries.find(({ state }) => state === 'indeterminate')
  if (!doubtful) return
  throw new HubError('notPossible', 'Nobody knows whether an entry was sent; retry or remove that first.', {
    reason: 'indeterminate',
    entryId: doubtful.id,
  })
}
