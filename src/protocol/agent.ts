/** Agents: programs that use the hub on somebody's behalf, over MCP. Who they are, what they may do, what they did. */
import { z } from 'zod'

/** One name for all connections of an agent: `codex`, `claude`, a person's choice. */
export const agentNameSchema = z
  .string()
  .regex(/^[\w][\w.@-]{0,59}$/, 'letters, digits, ".", "@", "_" and "-"')

/**
 * What an agent may do beyond reading everything and operating the sessions it created. Without `project` and
 * `sessionId` it holds for every session; with `project` for those in this folder or below it.
 */
export const grantSchema = z.strictObject({
  /** `unsandboxed`: make sessions with full access, whatever the agent itself runs with. */
  scope: z.enum(['operate', 'approve', 'unsandboxed']),
  project: z.string().min(1).max(4_096).optional(),
  sessionId: z.string().min(1).max(100).optional(),
})

export const agentSchema = z.object({
  name: z.string(),
  grants: z.array(grantSchema),
  /** Whether it has a token of its own, good for the hub's `/mcp` and nothing else. */
  hasToken: z.boolean(),
  createdAt: z.number(),
  /** Set while it is locked out. */
  revokedAt: z.number().nullable(),
})

/** How a call of a tool ended. `begun` stays where the bridge was gone before it could tell. */
export const callOutcomeSchema = z.enum(['begun', 'done', 'refused', 'failed', 'cancelled'])

/** One call of a tool by an agent. */
export const auditSchema = z.object({
  /** The call's id; its commands carry it in their `commandId`. */
  id: z.string(),
  at: z.number(),
  agent: z.string(),
  tool: z.string(),
  /** The session it is about, where it is about one. */
  sessionId: z.string().nullable(),
  /** The session whose agent called, where the hub knows it. */
  callerSessionId: z.string().nullable(),
  outcome: callOutcomeSchema,
  /** Name of the error. */
  error: z.string().nullable(),
  /** Milliseconds; null while it is `begun`. */
  tookMs: z.number().nullable(),
})

/** How an agent came to make a session. */
export const originSchema = z.object({
  agent: z.string(),
  /** The session whose agent did it; null for an agent that is no session of this hub. */
  sessionId: z.string().nullable(),
  /** How many agents stand between a person and this session: 1 for a session an agent made, 2 for one that session made. */
  depth: z.int().min(1),
})

export type Grant = z.infer<typeof grantSchema>
export type Agent = z.infer<typeof agentSchema>
export type AuditRow = z.infer<typeof auditSchema>
export type CallOutcome = z.infer<typeof callOutcomeSchema>
export type Origin = z.infer<typeof originSchema>
