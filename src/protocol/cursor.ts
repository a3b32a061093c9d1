/** A place in a stream. Revisions of one epoch have no holes; nothing connects two epochs. */
import { z } from 'zod'

export const cursorSchema = z.object({
  epoch: z.string().min(1).max(64),
  revision: z.int().min(0),
})

export type Cursor = z.infer<typeof cursorSchema>
