/** What the hub sends without being asked: the frames of the streams. Each carries the cursor after it. */
import { z } from 'zod'
import { attentionDeltaSchema } from './attention.ts'
import { cursorSchema } from './cursor.ts'
import { deltaSchema } from './delta.ts'
import { jobDeltaSchema } from './job.ts'
import { listDeltaSchema } from './list-delta.ts'

const sessionId = z.string()

export const NOTIFICATIONS = {
  /** The change from revision `cursor.revision - 1` to `cursor.revision`. */
  'session/delta': z.object({ sessionId, cursor: cursorSchema, deltas: z.array(deltaSchema) }),
  /**
   * One part of the state at `cursor`, as deltas. Part 0 begins with a `reset`; the state is whole, and may be shown,
   * after the part with `last`. All parts carry the same cursor.
   */
  'session/snapshot': z.object({
    sessionId,
    cursor: cursorSchema,
    part: z.int().min(0),
    last: z.boolean(),
    deltas: z.array(deltaSchema),
  }),
  /** Everything up to `cursor` has been sent; what follows is live. */
  'session/synchronized': z.object({ sessionId, cursor: cursorSchema }),
  /** The session was deleted; nothing more comes of it. Sent to whoever follows it. */
  'session/removed': z.object({ sessionId }),
  'sessions/delta': z.object({ cursor: cursorSchema, deltas: z.array(listDeltaSchema) }),
  'sessions/snapshot': z.object({
    cursor: cursorSchema,
    part: z.int().min(0),
    last: z.boolean(),
    deltas: z.array(listDeltaSchema),
  }),
  'sessions/synchronized': z.object({ cursor: cursorSchema }),
  'attention/delta': z.object({ cursor: cursorSchema, deltas: z.array(attentionDeltaSchema) }),
  'attention/snapshot': z.object({
    cursor: cursorSchema,
    part: z.int().min(0),
    last: z.boolean(),
    deltas: z.array(attentionDeltaSchema),
  }),
  'attention/synchronized': z.object({ cursor: cursorSchema }),
  'job/delta': z.object({ jobId: z.string(), cursor: cursorSchema, deltas: z.array(jobDeltaSchema) }),
  'job/snapshot': z.object({
    jobId: z.string(),
    cursor: cursorSchema,
    part: z.int().min(0),
    last: z.boolean(),
    deltas: z.array(jobDeltaSchema),
  }),
  'job/synchronized': z.object({ jobId: z.string(), cursor: cursorSchema }),
} as const

export type Notifications = typeof NOTIFICATIONS
export type NotificationName = keyof Notifications
export type NotificationParams<N extends NotificationName> = z.infer<Notifications[N]>
