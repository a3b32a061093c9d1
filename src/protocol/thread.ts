/** A thread as Codex itself lists it, whether or not it is a session of the hub. */
import { z } from 'zod'

export const threadSchema = z.object({
  threadId: z.string(),
  /** The hub's session of this thread; null where it has none (subagents, homes whose adoption is off). */
  sessionId: z.string().nullable(),
  /** A name, else the first prompt, shortened; else the id. */
  title: z.string(),
  name: z.string().nullable(),
  cwd: z.string().nullable(),
  branch: z.string().nullable(),
  model: z.string().nullable(),
  modelProvider: z.string().nullable(),
  /** `cli`, `exec`, `vscode`, `appServer`, `subAgent` …; open set. */
  source: z.string().nullable(),
  codexVersion: z.string().nullable(),
  parentThreadId: z.string().nullable(),
  forkedFromThreadId: z.string().nullable(),
  archived: z.boolean(),
  createdAt: z.number().nullable(),
  updatedAt: z.number().nullable(),
})

export type Thread = z.infer<typeof threadSchema>
