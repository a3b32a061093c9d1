/** Code reviews: what is reviewed, and what was found. */
import { z } from 'zod'

const name = z.string().min(1).max(200)

/** Codex's `ReviewTarget`. */
export const reviewTargetSchema = z.discriminatedUnion('type', [
  /** What is staged, changed and new. */
  z.strictObject({ type: z.literal('uncommittedChanges') }),
  /** What the branch has and this one has not. */
  z.strictObject({ type: z.literal('baseBranch'), branch: name }),
  /** One commit, in any of git's words. */
  z.strictObject({ type: z.literal('commit'), sha: name, title: z.string().max(500).optional() }),
  z.strictObject({ type: z.literal('custom'), instructions: z.string().min(1).max(100_000) }),
])

export const findingSchema = z.object({
  /** In its review: `f1`, `f2` … */
  id: z.string(),
  title: z.string(),
  text: z.string(),
  /** 0 is the most urgent; null where the reviewer gave none. */
  priority: z.int().nullable(),
  /** From 0 to 1; null where it is not known. */
  confidence: z.number().nullable(),
  /** As the reviewer named it; null where it named none. */
  file: z.string().nullable(),
  startLine: z.int().nullable(),
  endLine: z.int().nullable(),
})

export const reviewSchema = z.object({
  turnId: z.string(),
  /** The item that ended the review; its text is the whole review in words. */
  itemId: z.string(),
  status: z.enum(['inProgress', 'completed', 'interrupted', 'failed']),
  /** What was said of the whole. */
  explanation: z.string(),
  /** Codex's verdict, in its words; null where it is not known. */
  correctness: z.string().nullable(),
  findings: z.array(findingSchema),
})

export type ReviewTarget = z.infer<typeof reviewTargetSchema>
export type Finding = z.infer<typeof findingSchema>
export type Review = z.infer<typeof reviewSchema>
