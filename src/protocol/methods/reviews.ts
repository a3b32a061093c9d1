/** Code reviews: starting one, reading what it found, and giving that to a session. */
import { z } from 'zod'
import { reviewSchema, reviewTargetSchema } from '../review.ts'
import { settingsRequestSchema } from '../settings.ts'
import { summarySchema } from '../summary.ts'
import { command, type MethodShape, method, query, sessionId } from './shape.ts'

const turnId = z.string().min(1).max(200)

export const REVIEW_METHODS = {
  'session/review': method({
    scope: 'operate',
    mutates: true,
    params: command({
      sessionId,
      target: reviewTargetSchema,
      /** In the session itself, which then knows what was found; or in a new one beside it, in the same folder. */
      delivery: z.enum(['inline', 'detached']).default('inline'),
      /** Of the new session; otherwise what this one runs with. */
      settings: settingsRequestSchema.default({}),
    }),
    result: z.object({
      /** The session that reviews. */
      session: summarySchema,
      turnId: z.string(),
    }),
  }),
  'review/read': method({
    scope: 'view',
    mutates: false,
    params: query({
      sessionId,
      /** The turn of the review; otherwise the newest one. */
      turnId: turnId.optional(),
    }),
    /** Null where there was none, or it has not ended. */
    result: z.object({ review: reviewSchema.nullable() }),
  }),
  'review/send': method({
    scope: 'operate',
    mutates: true,
    params: command({
      /** Who gets the findings as its next prompt. */
      sessionId,
      /** Who reviewed; otherwise the same. */
      reviewSessionId: sessionId.optional(),
      turnId: turnId.optional(),
      /** Which of them; otherwise all. */
      findings: z.array(z.string().max(20)).min(1).max(500).optional(),
      /** What else a person has to say; stands before them. */
      note: z.string().max(100_000).optional(),
      whenBusy: z.enum(['queue', 'steer', 'reject']).default('queue'),
    }),
    result: z.object({
      turnId: z.string().nullable(),
      taken: z.enum(['started', 'steered', 'queued']),
      entryId: z.string().nullable(),
      /** What was sent. */
      prompt: z.string(),
    }),
  }),
} as const satisfies Record<string, MethodShape>
