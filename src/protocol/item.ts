/**
 * Items: what a turn is made of. The envelope is the hub's; `body` is Codex's `ThreadItem` (v2 wire names) without
 * `id` and `type`, kept as it came, so that fields of a newer Codex reach clients that know them.
 */
import { z } from 'zod'

/** Values whose keys were chosen outside the hub. Decoded leniently, forwarded as they are. */
export const foreignSchema = z.record(z.string(), z.unknown())

export const itemStatusSchema = z.enum(['inProgress', 'completed', 'failed', 'declined', 'interrupted'])

export const itemSchema = z.object({
  /** Codex's item id where it has a stable one. Unique in the session. */
  id: z.string(),
  turnId: z.string(),
  /** Position in the session, given by the hub: dense enough to sort by, never reused. */
  seq: z.int().min(0),
  /** Codex's item type: `userMessage`, `agentMessage`, `reasoning`, `commandExecution`, `fileChange` …; open set. */
  type: z.string(),
  status: itemStatusSchema,
  /** Milliseconds since 1970. */
  startedAt: z.number().nullable(),
  completedAt: z.number().nullable(),
  body: foreignSchema,
  /** Fields of `body` shown only in part: name to whole length in UTF-16 units. `item/read` has the rest. */
  cut: z.record(z.string(), z.int()).optional(),
  /** True while text streamed in the hub's absence is missing; cleared by the completed form. */
  hole: z.boolean().optional(),
})

export type Item = z.infer<typeof itemSchema>
export type ItemStatus = z.infer<typeof itemStatusSchema>
