/** The state of one session as every client holds it: the fold of its deltas. */
import { z } from 'zod'
import { approvalSchema } from './approval.ts'
import { goalSchema } from './goal.ts'
import { itemSchema } from './item.ts'
import { mcpStartupSchema } from './mcp-server.ts'
import { queueSchema } from './queue.ts'
import { summarySchema } from './summary.ts'
import { turnSchema } from './turn.ts'

export const planSchema = z.object({
  turnId: z.string().nullable(),
  explanation: z.string().nullable(),
  steps: z.array(z.object({ step: z.string(), status: z.string() })),
})

export const diffSchema = z.object({
  turnId: z.string().nullable(),
  /** Unified diff, at most `DIFF_LIMIT` UTF-16 units; `cut` holds its whole length when it is longer. */
  unified: z.string(),
  cut: z.int().optional(),
  files: z.array(z.object({ path: z.string(), added: z.int(), removed: z.int() })),
})

export const warningSchema = z.object({ message: z.string(), at: z.number() })

/** Everything but the items; what a snapshot starts with. */
export const sessionBaseSchema = z.object({
  summary: summarySchema,
  /** The newest turns, oldest first. */
  turns: z.array(turnSchema),
  /** All pending approvals and the newest ended ones, in order of request. */
  approvals: z.array(approvalSchema),
  plan: planSchema.nullable(),
  diff: diffSchema.nullable(),
  warnings: z.array(warningSchema),
  /** Prompts that wait. */
  queue: queueSchema,
  /** What Codex told of the MCP servers of the running process, by name. */
  mcpServers: z.array(mcpStartupSchema),
  /** Known while a process is there; see `goal/get`. */
  goal: goalSchema.nullable(),
})

export const sessionStateSchema = sessionBaseSchema.extend({
  /** The newest items, oldest first, by `seq`. */
  items: z.array(itemSchema),
})

export type SessionState = z.infer<typeof sessionStateSchema>
export type SessionBase = z.infer<typeof sessionBaseSchema>
export type Plan = z.infer<typeof planSchema>
export type Diff = z.infer<typeof diffSchema>
export type Warning = z.infer<typeof warningSchema>
