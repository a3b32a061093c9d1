/** Deltas: the only way a session's state changes, here and in every client. */
import { z } from 'zod'
import { approvalSchema } from './approval.ts'
import { goalSchema } from './goal.ts'
import { foreignSchema, itemSchema, itemStatusSchema } from './item.ts'
import { mcpStartupSchema } from './mcp-server.ts'
import { queueDeltaSchemas } from './queue.ts'
import { diffSchema, planSchema, sessionBaseSchema, warningSchema } from './session-state.ts'
import { summarySchema } from './summary.ts'
import { turnSchema } from './turn.ts'

export const deltaSchema = z.discriminatedUnion('op', [
  /** Start over with this state and no items. First of every snapshot. */
  z.object({ op: z.literal('reset'), state: sessionBaseSchema }),
  /** Replace the named fields of the summary. */
  z.object({ op: z.literal('summary'), patch: summarySchema.partial() }),
  /** Insert or replace a turn. */
  z.object({ op: z.literal('turn'), turn: turnSchema }),
  /** Insert or replace an item. */
  z.object({ op: z.literal('item'), item: itemSchema }),
  /** Change parts of a known item: replaces the named fields of its body and what else is given. */
  z.object({
    op: z.literal('itemPatch'),
    itemId: z.string(),
    status: itemStatusSchema.optional(),
    completedAt: z.number().nullable().optional(),
    hole: z.boolean().optional(),
    body: foreignSchema,
  }),
  /** Add text at the end of a text field of an item's body; with `index`, of one entry of a list of texts. */
  z.object({
    op: z.literal('append'),
    itemId: z.string(),
    field: z.string(),
    index: z.int().min(0).max(9_999).optional(),
    text: z.string(),
  }),
  /** Items, and turns with all their items, that are no longer part of the session (revert). */
  z.object({ op: z.literal('remove'), turnIds: z.array(z.string()), itemIds: z.array(z.string()) }),
  z.object({ op: z.literal('approval'), approval: approvalSchema }),
  z.object({ op: z.literal('plan'), plan: planSchema.nullable() }),
  z.object({ op: z.literal('diff'), diff: diffSchema.nullable() }),
  z.object({ op: z.literal('warning'), warning: warningSchema }),
  ...queueDeltaSchemas,
  /** Insert or replace, by name. */
  z.object({ op: z.literal('mcpServer'), server: mcpStartupSchema }),
  z.object({ op: z.literal('goal'), goal: goalSchema.nullable() }),
  /** Nothing runs any more: what was known of the process only is no longer known. */
  z.object({ op: z.literal('processGone') }),
  /** A Codex notification the hub does not interpret. Changes nothing; for clients that know it. */
  z.object({ op: z.literal('opaque'), method: z.string(), params: z.unknown() }),
])

export type Delta = z.infer<typeof deltaSchema>
export type AppendDelta = Extract<Delta, { op: 'append' }>
export type ItemPatchDelta = Extract<Delta, { op: 'itemPatch' }>
