/** Following what asks for a person, in all sessions. */
import { z } from 'zod'
import { cursorSchema } from '../cursor.ts'
import { type MethodShape, method, query } from './shape.ts'
import { subscribed } from './subscriptions.ts'

export const ATTENTION_METHODS = {
  'attention/subscribe': method({
    scope: 'view',
    mutates: false,
    params: query({ cursor: cursorSchema.optional() }),
    result: subscribed,
  }),
  'attention/unsubscribe': method({
    scope: 'view',
    mutates: false,
    params: query({}),
    result: z.object({}),
  }),
} as const satisfies Record<string, MethodShape>
