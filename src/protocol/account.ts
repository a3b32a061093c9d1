/** The account Codex works with, without its secrets. */
import { z } from 'zod'

export const accountSchema = z.object({
  /** Codex's own: `chatgpt`, `apiKey`, `amazonBedrock` …; open set. Null: nobody is logged in. */
  type: z.string().nullable(),
  email: z.string().nullable(),
  plan: z.string().nullable(),
  workspace: z.string().nullable(),
  /** Whether the configured provider needs an account of OpenAI. */
  needsLogin: z.boolean(),
})

export const limitWindowSchema = z.object({
  usedPercent: z.number(),
  /** How long the window is. */
  windowMs: z.number().nullable(),
  /** When it begins anew. Milliseconds since 1970. */
  resetsAt: z.number().nullable(),
})

export const rateLimitSchema = z.object({
  /** Null in releases that know one limit only. */
  id: z.string().nullable(),
  name: z.string().nullable(),
  primary: limitWindowSchema.nullable(),
  secondary: limitWindowSchema.nullable(),
  credits: z
    .object({ hasCredits: z.boolean(), unlimited: z.boolean(), balance: z.string().nullable() })
    .nullable(),
  plan: z.string().nullable(),
  /** Which limit was reached, in Codex's words; null while none is. */
  reached: z.string().nullable(),
})

export const usageSchema = z.object({
  lifetimeTokens: z.number().nullable(),
  peakDailyTokens: z.number().nullable(),
  currentStreakDays: z.number().nullable(),
  longestStreakDays: z.number().nullable(),
  longestTurnMs: z.number().nullable(),
  days: z.array(z.object({ date: z.string(), tokens: z.number() })),
})

export type Account = z.infer<typeof accountSchema>
export type LimitWindow = z.infer<typeof limitWindowSchema>
export type RateLimit = z.infer<typeof rateLimitSchema>
export type Usage = z.infer<typeof usageSchema>
