/** Following the streams. */
import { z } from 'zod'
import { cursorSchema } from '../cursor.ts'
import { type MethodShape, method, query, sessionId } from './shape.ts'

/** How a subscription was answered: what follows are the deltas since the cursor, or a snapshot. */
export const subscribed = z.object({
  mode: z.enum(['deltas', 'snapshot']),
  /** The place of the stream now; `synchronized` follows when it is reached. */
  cursor: cursorSchema,
  /** Why the cursor could not be used, when it could not. */
  reason: z.enum(['noCursor', 'otherEpoch', 'tooOld', 'ahead']).nullable(),
})

export const SUBSCRIPTION_METHODS = {
  'session/subscribe': method({
    scope: 'view',
    mutates: false,
    params: query({ sessionId, cursor: cursorSchema.optional() }),
    result: subscribed,
  }),
  'session/unsubscribe': method({
    scope: 'view',
    mutates: false,
    params: query({ sessionId }),
    result: z.object({}),
  }),
  'sessions/subscribe': method({
    scope: 'view',
    mutates: false,
    params: query({ cursor: cursorSchema.optional() }),
    result: subscribed,
  }),
  'sessions/unsubscribe': method({
    scope: 'view',
    mutates: false,
    params: query({}),
    result: z.object({}),
  }),
} as const satisfies Record<string, MethodShape>
