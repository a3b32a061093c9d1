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
  /** Threads whose session was deleted here and that Codex keeps, the newest first; `session/adopt` takes one back. */
  dropped: z.array(z.object({ threadId: z.string(), droppedAt: z.number() })),
  /** The user's Codex daemon of this home; null where adoption is off. */
  daemon: z
    .object({
      /** `absent`, `connecting`, `connected`, `deserted`, `denied`, `hanging`, `garbled`, `unsupported`, `lost`; open set. */
      state: z.string(),
      sentence: z.string(),
      since: z.number(),
      codexVersion: z.string().nullable(),
      pid: z.int().nullable(),
      /** Sessions it has open. */
      threads: z.int(),
    })
    .nullable(),
})

export type Home = z.infer<typeof homeSchema>
