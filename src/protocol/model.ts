/** A model as Codex offers it. */
import { z } from 'zod'

export const modelSchema = z.object({
  id: z.string(),
  displayName: z.string(),
  description: z.string(),
  efforts: z.array(z.string()),
  defaultEffort: z.string().nullable(),
  isDefault: z.boolean(),
  hidden: z.boolean(),
})
export type Model = z.infer<typeof modelSchema>
