/**
 * The file of an exported session, format `codex-hub-session`. `docs/export-format.md` tells it to people. Readers pass
 * over fields they do not know; a change that they would misread takes a new version.
 */
import { z } from 'zod'
import { approvalSchema } from './approval.ts'
import { itemSchema } from './item.ts'
import { diffSchema, planSchema, warningSchema } from './session-state.ts'
import { summarySchema } from './summary.ts'
import { turnSchema } from './turn.ts'

export const EXPORT_FORMAT = 'codex-hub-session'
export const EXPORT_VERSION = 1

export const exportFormatSchema = z.enum(['json', 'markdown', 'html'])

export const exportAboutSchema = z.object({
  format: z.literal(EXPORT_FORMAT),
  version: z.int().min(1),
  exportedAt: z.number(),
  /** The hub it was exported from. */
  hub: z.object({ id: z.string(), version: z.string() }),
})

export const exportDetailsSchema = z.object({
  plan: planSchema.nullable(),
  diff: diffSchema.nullable(),
  /** The whole diff, also where `diff.unified` is cut. */
  unifiedDiff: z.string().nullable(),
  warnings: z.array(warningSchema),
})

export const exportEndSchema = z.object({ turns: z.int(), items: z.int(), approvals: z.int() })

export const exportSchema = exportAboutSchema.extend({
  session: summarySchema,
  details: exportDetailsSchema,
  /** Oldest first. */
  turns: z.array(turnSchema),
  /** Oldest first; bodies and texts whole, as the hub has them. */
  items: z.array(itemSchema),
  /** Oldest first. */
  approvals: z.array(approvalSchema),
  /** How many of each there are: what is cut off is noticed. */
  end: exportEndSchema,
})

export type ExportFormat = z.infer<typeof exportFormatSchema>
export type ExportAbout = z.infer<typeof exportAboutSchema>
export type ExportEnd = z.infer<typeof exportEndSchema>
