/** Removing sessions from the hub, and having back what was removed here only. */
import { z } from 'zod'
import { summarySchema } from '../summary.ts'
import { command, type MethodShape, method, sessionId } from './shape.ts'

export const DELETION_COMMANDS = {
  'session/delete': method({
    scope: 'operate',
    mutates: true,
    params: command({
      sessionId,
      /** Codex's thread and its history as well; otherwise they stay, and `session/adopt` has them back. */
      codex: z.boolean().default(false),
      /** Also while a turn runs: it is interrupted. */
      force: z.boolean().default(false),
    }),
    result: z.object({
      /** What is left of it: the thread, where Codex keeps it; null where nothing is. */
      threadId: z.string().nullable(),
      /** The session and those of its subagents. */
      deleted: z.array(z.string()),
    }),
  }),
  'session/adopt': method({
    scope: 'operate',
    mutates: true,
    params: command({ threadId: z.string().min(1).max(200) }),
    result: z.object({ session: summarySchema }),
  }),
} as const satisfies Record<string, MethodShape>
