/** What changes a session: every one is answered once (L12). */
import { z } from 'zod'
import { approvalAnswerSchema, approvalSchema } from '../approval.ts'
import { inputSchema } from '../input.ts'
import { settingsRequestSchema } from '../settings.ts'
import { isolationSchema, summarySchema } from '../summary.ts'
import { madeWorktreeSchema, worktreeRequestSchema } from '../worktree.ts'
import { command, type MethodShape, method, sessionId } from './shape.ts'

const sessionAnswer = z.object({ session: summarySchema })

export const SESSION_COMMANDS = {
  'session/create': method({
    scope: 'operate',
    mutates: true,
    params: command({
      cwd: z.string().min(1).max(4_096),
      settings: settingsRequestSchema.default({}),
      name: z.string().min(1).max(200).optional(),
      input: inputSchema.optional(),
      /** Work in a new work tree of the folder's repository. */
      worktree: worktreeRequestSchema.optional(),
      /** Whether it has a Codex process of its own or shares one; otherwise as the hub is configured. */
      isolation: isolationSchema.optional(),
    }),
    result: z.object({
      session: summarySchema,
      turnId: z.string().nullable(),
      worktree: madeWorktreeSchema.nullable(),
    }),
  }),
  'session/send': method({
    scope: 'operate',
    mutates: true,
    params: command({
      sessionId,
      input: inputSchema,
      /** In a running turn: into the queue, into that turn, or refuse. */
      whenBusy: z.enum(['queue', 'steer', 'reject']).default('queue'),
      /** Into the queue, and not to be sent before. Milliseconds since 1970. */
      notBefore: z.number().min(0).max(8.64e15).optional(),
      /** From this turn on. */
      settings: settingsRequestSchema.default({}),
      /** From this turn on. */
      cwd: z.string().min(1).max(4_096).optional(),
      /** JSON Schema that the last answer of this turn has to fit. */
      outputSchema: z.record(z.string(), z.unknown()).optional(),
    }),
    result: z.object({
      /** Null while it waits in the queue. */
      turnId: z.string().nullable(),
      taken: z.enum(['started', 'steered', 'queued']),
      /** The entry of the queue it became. */
      entryId: z.string().nullable(),
    }),
  }),
  'session/interrupt': method({
    scope: 'operate',
    mutates: true,
    params: command({ sessionId, turnId: z.string().max(200).optional() }),
    result: z.object({ turnId: z.string() }),
  }),
  'session/resume': method({
    scope: 'operate',
    mutates: true,
    params: command({ sessionId }),
    result: sessionAnswer,
  }),
  'session/end': method({
    scope: 'operate',
    mutates: true,
    params: command({ sessionId, force: z.boolean().default(false) }),
    result: sessionAnswer,
  }),
  'session/rename': method({
    scope: 'operate',
    mutates: true,
    params: command({ sessionId, name: z.string().trim().min(1).max(200) }),
    result: sessionAnswer,
  }),
  'session/configure': method({
    scope: 'operate',
    mutates: true,
    params: command({ sessionId, settings: settingsRequestSchema }),
    result: sessionAnswer,
  }),
  'session/markRead': method({
    scope: 'operate',
    mutates: true,
    params: command({ sessionId }),
    result: z.object({}),
  }),
  'approval/decide': method({
    scope: 'approve',
    mutates: true,
    params: command({ sessionId, approvalId: z.string().min(1).max(300), answer: approvalAnswerSchema }),
    result: z.object({ approval: approvalSchema }),
  }),
  'session/fork': method({
    scope: 'operate',
    mutates: true,
    params: command({
      sessionId,
      /** The last turn that is taken along; without it all that ended. */
      throughTurnId: z.string().max(200).optional(),
      settings: settingsRequestSchema.default({}),
      /** Otherwise the folder of the session it comes from. */
      cwd: z.string().min(1).max(4_096).optional(),
      name: z.string().min(1).max(200).optional(),
      /** Work in a new work tree of the folder's repository; what is not committed in the folder stays there. */
      worktree: worktreeRequestSchema.optional(),
    }),
    result: z.object({ session: summarySchema, worktree: madeWorktreeSchema.nullable() }),
  }),
  'session/takeOver': method({
    scope: 'operate',
    mutates: true,
    params: command({ sessionId }),
    result: sessionAnswer,
  }),
  'session/join': method({
    scope: 'operate',
    mutates: true,
    params: command({ sessionId }),
    result: sessionAnswer,
  }),
  'session/release': method({
    scope: 'operate',
    mutates: true,
    params: command({ sessionId }),
    result: z.object({
      session: summarySchema,
      /** How the session goes on in a terminal, ready to run. */
      command: z.array(z.string()),
      /** Environment variables it needs. */
      env: z.record(z.string(), z.string()),
      cwd: z.string(),
    }),
  }),
} as const satisfies Record<string, MethodShape>
