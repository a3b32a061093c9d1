/** What is done to a running turn or to the thread as a whole: every one is answered once (L12). */
import { z } from 'zod'
import { inputSchema } from '../input.ts'
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
} as const satisfies Record<string, MethodShape>
