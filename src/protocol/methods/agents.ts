/** Agents at the door: what the bridge tells of its calls, and what a person decides about agents. */
import { z } from 'zod'
import { agentNameSchema, agentSchema, auditSchema, callOutcomeSchema, grantSchema } from '../agent.ts'
import { command, limit, type MethodShape, method, pageToken, query } from './shape.ts'

export const callId = z.string().min(8).max(80)

export const AGENT_METHODS = {
  /** Before anything else of a call; only from a client that said in `hub/hello` which agent it speaks for. */
  'agent/begin': method({
    scope: 'view',
    mutates: false,
    params: query({
      callId,
      tool: z.string().min(1).max(100),
      sessionId: z.string().max(100).optional(),
      /** The Codex thread whose agent calls, and the thread at the root of its tree, where the caller says so. */
      threadId: z.string().max(100).optional(),
      rootThreadId: z.string().max(100).optional(),
    }),
    result: z.object({
      /** The session that calls; null where the caller is none of this hub. */
      caller: z.object({ sessionId: z.string(), cwd: z.string() }).nullable(),
    }),
  }),
  'agent/end': method({
    scope: 'view',
    mutates: false,
    params: query({
      callId,
      outcome: callOutcomeSchema.exclude(['begun']),
      error: z.string().max(100).nullable(),
      /** The session it turned out to be about. */
      sessionId: z.string().max(100).optional(),
    }),
    result: z.object({}),
  }),
  'agent/list': method({
    scope: 'view',
    mutates: false,
    params: query({}),
    result: z.object({
      agents: z.array(agentSchema),
      /** Set while no agent may come in at all. */
      closedAt: z.number().nullable(),
    }),
  }),
  'agent/allow': method({
    scope: 'admin',
    mutates: true,
    params: command({
      name: agentNameSchema,
      /** In the place of what it was granted before; left out: that stays. */
      grants: z.array(grantSchema).max(200).optional(),
      /** SHA-256 of a token of its own, in hex; null takes it away. The token itself never reaches the hub this way. */
      tokenDigest: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .nullable()
        .optional(),
    }),
    result: z.object({ agent: agentSchema }),
  }),
  /** Locks an agent out, and ends its connections; without a name all of them, also those nobody has seen yet. */
  'agent/revoke': method({
    scope: 'admin',
    mutates: true,
    params: command({ name: agentNameSchema.optional() }),
    result: z.object({ closed: z.int() }),
  }),
  'agent/restore': method({
    scope: 'admin',
    mutates: true,
    params: command({ name: agentNameSchema.optional() }),
    result: z.object({}),
  }),
  'audit/list': method({
    scope: 'admin',
    mutates: false,
    params: query({
      agent: z.string().max(100).optional(),
      sessionId: z.string().max(100).optional(),
      limit: limit.default(50),
      pageToken: pageToken.optional(),
    }),
    result: z.object({ rows: z.array(auditSchema), nextPageToken: pageToken.nullable() }),
  }),
} as const satisfies Record<string, MethodShape>
