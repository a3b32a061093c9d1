/** The queue of a session: prompts that wait. What changes it is answered once (L12). */
import { z } from 'zod'
import { inputSchema } from '../input.ts'
import { promptSchema, queueEntrySchema, queueSchema } from '../queue.ts'
import { settingsRequestSchema } from '../settings.ts'
import { command, type MethodShape, method, query, sessionId } from './shape.ts'

const entryId = z.string().min(1).max(200)
/** Milliseconds since 1970. */
const notBefore = z.number().min(0).max(8.64e15)
const queueAnswer = z.object({ queue: queueSchema })

export const QUEUE_METHODS = {
  'queue/list': method({
    scope: 'view',
    mutates: false,
    params: query({ sessionId }),
    result: queueAnswer,
  }),
  'queue/read': method({
    scope: 'view',
    mutates: false,
    params: query({ sessionId, entryId }),
    result: z.object({ entry: queueEntrySchema, prompt: promptSchema }),
  }),
  'queue/add': method({
    scope: 'operate',
    mutates: true,
    params: command({
      sessionId,
      input: inputSchema,
      settings: settingsRequestSchema.default({}),
      cwd: z.string().min(1).max(4_096).optional(),
      outputSchema: z.record(z.string(), z.unknown()).optional(),
      notBefore: notBefore.optional(),
      /** Before this entry; without it at the end. */
      before: entryId.optional(),
    }),
    result: z.object({ entry: queueEntrySchema }),
  }),
  'queue/edit': method({
    scope: 'operate',
    mutates: true,
    params: command({
      sessionId,
      entryId,
      /** Refused as `stale` when somebody else edited it meanwhile. */
      edition: z.int().min(0).optional(),
      input: inputSchema.optional(),
      /** Instead of those it had. */
      settings: settingsRequestSchema.optional(),
      /** Null: whenever its turn comes. */
      notBefore: notBefore.nullable().optional(),
    }),
    result: z.object({ entry: queueEntrySchema }),
  }),
  'queue/move': method({
    scope: 'operate',
    mutates: true,
    /** Before that entry; null: to the end. */
    params: command({ sessionId, entryId, before: entryId.nullable() }),
    result: queueAnswer,
  }),
  'queue/remove': method({
    scope: 'operate',
    mutates: true,
    params: command({ sessionId, entryId }),
    result: queueAnswer,
  }),
  'queue/steer': method({
    scope: 'operate',
    mutates: true,
    /** Give it to the turn that runs. */
    params: command({ sessionId, entryId, expectedTurnId: z.string().max(200).optional() }),
    result: z.object({ turnId: z.string() }),
  }),
  'queue/retry': method({
    scope: 'operate',
    mutates: true,
    /** Send an indeterminate entry once more. */
    params: command({ sessionId, entryId }),
    result: queueAnswer,
  }),
  'queue/pause': method({
    scope: 'operate',
    mutates: true,
    params: command({ sessionId }),
    result: queueAnswer,
  }),
  'queue/resume': method({
    scope: 'operate',
    mutates: true,
    params: command({ sessionId }),
    result: queueAnswer,
  }),
} as const satisfies Record<string, MethodShape>
