/**
 * The queue of a session: prompts that wait until it is free, or until their time. A state shows of each what a row needs;
 * the prompt itself, which may hold images, is read with `queue/read`.
 */
import { z } from 'zod'
import { actorSchema } from './approval.ts'
import { putBySeq } from './by-seq.ts'
import { inputSchema } from './input.ts'
import { settingsRequestSchema } from './settings.ts'

/** How many prompts wait in one session at most. */
export const QUEUE_ENTRIES = 100
/** How many prompts that left the queue a state remembers. */
export const QUEUE_SENT = 20

/** What a turn is started with. */
export const promptSchema = z.object({
  input: inputSchema,
  settings: settingsRequestSchema,
  cwd: z.string().nullable(),
  outputSchema: z.record(z.string(), z.unknown()).nullable(),
})

export const queueEntrySchema = z.object({
  id: z.string(),
  /** Place in the queue; the lowest is next. */
  seq: z.int().min(0),
  /**
   * `sending`: on its way to Codex, no longer to be changed. `indeterminate`: the hub stopped while it was; only a person
   * sends it again or discards it.
   */
  state: z.enum(['waiting', 'sending', 'indeterminate']),
  /** Beginning of the prompt's text. */
  text: z.string(),
  /** Parts that are no text. */
  attachments: z.int().min(0),
  /** What the whole prompt takes. Bytes of JSON. */
  bytes: z.int().min(0),
  settings: settingsRequestSchema,
  cwd: z.string().nullable(),
  hasOutputSchema: z.boolean(),
  /** Not to be sent before; null: as soon as its turn comes. */
  notBefore: z.number().nullable(),
  by: actorSchema,
  createdAt: z.number(),
  /** Counts edits: name it in an edit, and nobody else's is overwritten. */
  edition: z.int().min(0),
  /** Why it was not taken when it was tried; null otherwise. */
  problem: z.string().nullable(),
})

/** Why nothing is sent until a client resumes the queue. */
export const queueHoldSchema = z.object({
  /**
   * `paused` by somebody; after a turn that was `interrupted` or `failed`; an entry that is `indeterminate`, or was
   * `refused`; the session `ended`. Open set.
   */
  reason: z.string(),
  message: z.string(),
  by: actorSchema.nullable(),
  at: z.number(),
})

export const queueSentSchema = z.object({ id: z.string(), turnId: z.string(), at: z.number() })

export const queueSchema = z.object({
  /** In the order in which they are sent, but for those whose time has not come. */
  entries: z.array(queueEntrySchema),
  hold: queueHoldSchema.nullable(),
  /** What was sent last, and the turn it went into; newest last. */
  sent: z.array(queueSentSchema),
})

export const queueDeltaSchemas = [
  /** Insert or replace an entry. */
  z.object({ op: z.literal('queueEntry'), entry: queueEntrySchema }),
  z.object({ op: z.literal('queueHold'), hold: queueHoldSchema.nullable() }),
  /** Entries that are no longer in the queue. */
  z.object({ op: z.literal('queueRemove'), entryIds: z.array(z.string()) }),
  /** An entry became part of a turn, and left the queue. */
  z.object({ op: z.literal('queueSent'), sent: queueSentSchema }),
] as const

export type Prompt = z.infer<typeof promptSchema>
export type QueueEntry = z.infer<typeof queueEntrySchema>
export type QueueHold = z.infer<typeof queueHoldSchema>
export type Queue = z.infer<typeof queueSchema>
export type QueueDelta = z.infer<(typeof queueDeltaSchemas)[number]>

export const EMPTY_QUEUE: Queue = { entries: [], hold: null, sent: [] }

/** Fold one delta onto a queue. Pure. */
export function applyQueueDelta(queue: Queue, delta: QueueDelta): Queue {
  switch (delta.op) {
    case 'queueEntry':
      return { ...queue, entries: putBySeq(queue.entries, delta.entry) }
    case 'queueHold':
      return { ...queue, hold: delta.hold }
    case 'queueRemove':
      return { ...queue, entries: queue.entries.filter(({ id }) => !delta.entryIds.includes(id)) }
    case 'queueSent':
      return {
        ...queue,
        entries: queue.entries.filter(({ id }) => id !== delta.sent.id),
        sent: [...queue.sent, delta.sent].slice(-QUEUE_SENT),
      }
  }
}
