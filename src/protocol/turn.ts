/** Turns: one answer of the agent, from a prompt to its end. */
import { z } from 'zod'
import { approvalPolicySchema } from './settings.ts'

export const turnStatusSchema = z.enum(['inProgress', 'completed', 'interrupted', 'failed'])

export const turnSchema = z.object({
  /** Codex's turn id; made unique by the hub for Codex releases that count from zero in each process. */
  id: z.string(),
  seq: z.int().min(0),
  status: turnStatusSchema,
  /** Why it failed, or why it was cut short when nobody asked for that. */
  error: z.object({ message: z.string(), code: z.string().nullable() }).nullable(),
  startedAt: z.number().nullable(),
  completedAt: z.number().nullable(),
  /** What this turn ran with, where known. */
  model: z.string().nullable(),
  effort: z.string().nullable(),
  /** The same; absent in turns that were not followed from their beginning. */
  approvalPolicy: approvalPolicySchema.nullable().optional(),
  sandbox: z.string().nullable().optional(),
  cwd: z.string().optional(),
})

export type Turn = z.infer<typeof turnSchema>
export type TurnStatus = z.infer<typeof turnStatusSchema>
