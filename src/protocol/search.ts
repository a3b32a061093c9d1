/** What full-text search finds: one place in one session, with the words around it. */
import { z } from 'zod'

export const searchKindSchema = z.enum(['title', 'prompt', 'message'])

/** A part of a snippet's text that was searched for. UTF-16 units, `end` exclusive. */
export const searchMarkSchema = z.object({ start: z.int().min(0), end: z.int().min(0) })

export const searchHitSchema = z.object({
  sessionId: z.string(),
  kind: searchKindSchema,
  /** Null for a title. */
  itemId: z.string().nullable(),
  turnId: z.string().nullable(),
  /** Position of the item in its session; null for a title, and while the session was never opened here. */
  seq: z.int().nullable(),
  at: z.number(),
  /** Plain text with the words that were searched for in it. */
  snippet: z.object({ text: z.string(), marks: z.array(searchMarkSchema) }),
})

/** How much can be found already. */
export const searchIndexSchema = z.object({
  isComplete: z.boolean(),
  /** Texts of sessions in the store that wait to be indexed. */
  textsWaiting: z.int(),
  /** Rollouts of sessions that were never opened here: read for the index, of how many. */
  rollouts: z.object({
    indexed: z.int(),
    total: z.int(),
    bytesIndexed: z.number(),
    bytesTotal: z.number(),
  }),
})

export type SearchKind = z.infer<typeof searchKindSchema>
export type SearchMark = z.infer<typeof searchMarkSchema>
export type SearchHit = z.infer<typeof searchHitSchema>
export type SearchIndex = z.infer<typeof searchIndexSchema>
