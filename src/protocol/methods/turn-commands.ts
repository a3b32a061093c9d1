/** What is done to a running turn or to the thread as a whole: every one is answered once (L12). */
import { z } from 'zod'
import { inputSchema } from '../input.ts'
import { summarySchema, tokensSchema } from '../summary.ts'
import { command, type MethodShape, method, sessionId } from './shape.ts'

export const TURN_COMMANDS = {
  'session/steer': method({
    scope: 'operate',
    mutates: true,
    params: command({
      sessionId,
      /** Refused as `stale` when another turn runs, or none. */
      expectedTurnId: z.string().max(200).optional(),
      input: inputSchema,
    }),
    result: z.object({ turnId: z.string() }),
  }),
  'session/compact': method({
    scope: 'operate',
    mutates: true,
    params: command({ sessionId }),
    result: z.object({
      /** The turn in which Codex compacts; null when it had not begun after a while. */
      turnId: z.string().nullable(),
      /** What the summary said before; what it says when the turn has ended is after. */
      tokensBefore: tokensSchema.nullable(),
    }),
  }),
  'session/archive': method({
    scope: 'operate',
    mutates: true,
    params: command({ sessionId }),
    result: z.object({ session: summarySchema }),
  }),
  'session/unarchive': method({
    scope: 'operate',
    mutates: true,
    params: command({ sessionId }),
    result: z.object({ session: summarySchema }),
  }),
} as const satisfies Record<string, MethodShape>
