/** Approvals: anything the agent waits on a person for. `pending → decided | withdrawn`, once. */
import { z } from 'zod'
import { foreignSchema } from './item.ts'

export const approvalKindSchema = z.enum([
  'command',
  'fileChange',
  'permissions',
  'question',
  'elicitation',
  'toolCall',
  'other',
])

/** One way to answer. Clients render these as buttons and need no knowledge of Codex's decision values. */
export const choiceSchema = z.object({
  /** Stable within the approval: `accept`, `acceptForSession`, `decline`, `answer` … */
  id: z.string(),
  label: z.string(),
  effect: z.enum(['allow', 'deny', 'cancel']),
  /** How long the decision lasts. */
  scope: z.enum(['once', 'turn', 'session', 'always']),
  /** What must come with the choice: `answers` (questions) or `content` (a form, a tool result, a raw response). */
  needs: z.enum(['answers', 'content']).nullable(),
})

/** What a person answers. */
export const approvalAnswerSchema = z.object({
  choice: z.string().min(1).max(200),
  /** Question id to the chosen labels or free texts. */
  answers: z.record(z.string(), z.array(z.string())).optional(),
  content: z.unknown().optional(),
})

/** Who acted: a client of this hub, or somebody on another surface. */
export const actorSchema = z.object({
  clientId: z.string().nullable(),
  name: z.string(),
})

export const approvalSchema = z.object({
  id: z.string(),
  kind: approvalKindSchema,
  state: z.enum(['pending', 'decided', 'withdrawn']),
  turnId: z.string().nullable(),
  itemId: z.string().nullable(),
  /** One line a person can decide on: the command, the files, the question. */
  title: z.string(),
  /** The agent's own reason, if it gave one. */
  reason: z.string().nullable(),
  choices: z.array(choiceSchema),
  /** Codex's method and parameters, as they came. */
  method: z.string(),
  params: foreignSchema,
  requestedAt: z.number(),
  /** Set once the approval is decided or withdrawn. */
  outcome: z
    .object({
      /** Null where it was answered on another surface or withdrawn. */
      choice: z.string().nullable(),
      /** Null when withdrawn. */
      by: actorSchema.nullable(),
      at: z.number(),
      waitedMs: z.number(),
      /** For `withdrawn`: the turn ended, the process died … */
      why: z.string().nullable(),
    })
    .nullable(),
})

export type Approval = z.infer<typeof approvalSchema>
export type ApprovalKind = z.infer<typeof approvalKindSchema>
export type ApprovalAnswer = z.infer<typeof approvalAnswerSchema>
export type Choice = z.infer<typeof choiceSchema>
export type Actor = z.infer<typeof actorSchema>
