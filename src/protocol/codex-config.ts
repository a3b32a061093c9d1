/** Codex's configuration as clients see it: values with where they come from, never a secret. */
import { z } from 'zod'
import { foreignSchema } from './item.ts'

/** Stands for a value that no client is shown. Written back it is refused. */
export const REDACTED = '[not shown]'

/** Where a value comes from: one file or one set of orders, by Codex's own kinds (`user`, `project`, `system` …; open set). */
export const configSourceSchema = z.object({
  kind: z.string(),
  /** The file or folder; null where it is none. */
  path: z.string().nullable(),
})

export const configLayerSchema = configSourceSchema.extend({
  /** Names the content; a write that expects another one is refused. */
  version: z.string(),
  config: foreignSchema,
  /** Why it does not count, when it does not. */
  disabledReason: z.string().nullable(),
})

export const codexConfigSchema = z.object({
  /** What is in force, secrets left out. */
  config: foreignSchema,
  /** By key path (`features.goals`): the layer that says so. Keys that no layer names have Codex's defaults. */
  origins: z.record(z.string(), configSourceSchema),
  /** From the one that counts most to the one that counts least. */
  layers: z.array(configLayerSchema),
  /** Of the file that `config/write` writes; null where Codex does not say. */
  version: z.string().nullable(),
})

export const configEditSchema = z.strictObject({
  /** Dotted, as in `origins`. */
  keyPath: z.string().min(1).max(500),
  /** Null takes the key out. */
  value: z.unknown(),
  /** `upsert` merges tables; `replace` puts the value in place of what is there. */
  merge: z.enum(['replace', 'upsert']).default('replace'),
})

export const configWrittenSchema = z.object({
  path: z.string(),
  version: z.string(),
  /** Set where another layer counts more, so that the value is written and not in force. */
  overridden: z.object({ by: configSourceSchema, message: z.string() }).nullable(),
})

export type CodexConfig = z.infer<typeof codexConfigSchema>
export type ConfigSource = z.infer<typeof configSourceSchema>
export type ConfigLayer = z.infer<typeof configLayerSchema>
export type ConfigEdit = z.infer<typeof configEditSchema>
export type ConfigWritten = z.infer<typeof configWrittenSchema>
