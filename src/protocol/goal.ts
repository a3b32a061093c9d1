/** What a thread works towards by itself, turn after turn, as Codex tells it. */
import { z } from 'zod'

export const goalSchema = z.object({
  objective: z.string(),
  /** Codex's own: `active`, `paused`, `blocked`, `usageLimited`, `budgetLimited`, `complete`; open set. */
  status: z.string(),
  tokenBudget: z.number().nullable(),
  tokensUsed: z.number(),
  timeUsedMs: z.number(),
  createdAt: z.number(),
  updatedAt: z.number(),
})

export type Goal = z.infer<typeof goalSchema>
