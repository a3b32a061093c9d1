/** A `CODEX_HOME` and what the hub finds in it. */
import { z } from 'zod'

export const homeSchema = z.object({
  codexHome: z.string(),
  /** Whether sessions others start there become sessions of the hub. */
  adopt: z.boolean(),
  /** Threads with a rollout, and how many of them still wait to be looked at. */
  threads: z.int(),
  waiting: z.int(),
  /** How many rollouts are read as they grow. */
  observed: z.int(),
  /** What is wrong with watching, each a sentence for a person. */
  problems: z.array(z.string()),
})
