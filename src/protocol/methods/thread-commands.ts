/** What a thread has beside its turns: a goal, a proposed plan that waits for a person, commands in the background. */
import { z } from 'zod'
import { goalSchema } from '../goal.ts'
import { inputSchema } from '../input.ts'
import { itemSchema } from '../item.ts'
import { backgroundTerminalSchema } from '../terminal.ts'
import { command, type MethodShape, method, query, sessionId } from './shape.ts'

export const THREAD_COMMANDS = {
  'goal/get': method({
    scope: 'view',
    mutates: false,
    params: query({ sessionId }),
    result: z.object({ goal: goalSchema.nullable() }),
  }),
  'goal/set': method({
    scope: 'operate',
    mutates: true,
    /** At least one of them. An active goal makes Codex begin turns by itself. */
    params: command({
      sessionId,
      objective: z.string().trim().min(1).max(20_000).optional(),
      status: z.enum(['active', 'paused', 'complete']).optional(),
      tokenBudget: z.int().min(1).optional(),
    }),
    result: z.object({ goal: goalSchema }),
  }),
  'goal/clear': method({
    scope: 'operate',
    mutates: true,
    params: command({ sessionId }),
    result: z.object({ cleared: z.boolean() }),
  }),
  'plan/decide': method({
    scope: 'operate',
    mutates: true,
    params: command({
      sessionId,
      /** The `plan` item; without it the one that waits. */
      itemId: z.string().max(200).optional(),
      /** `accept`: Codex leaves Plan mode and carries it out. `refuse`: it stays, and plans on when `input` says how. */
      decision: z.enum(['accept', 'refuse']),
      input: inputSchema.optional(),
    }),
    result: z.object({ item: itemSchema, turnId: z.string().nullable() }),
  }),
  'terminal/list': method({
    scope: 'view',
    mutates: false,
    params: query({ sessionId }),
    result: z.object({ terminals: z.array(backgroundTerminalSchema) }),
  }),
  'terminal/terminate': method({
    scope: 'operate',
    mutates: true,
    params: command({
      sessionId,
      /** Without it all of them. */
      processId: z.string().min(1).max(100).optional(),
    }),
    result: z.object({ terminated: z.boolean() }),
  }),
} as const satisfies Record<string, MethodShape>
