/** Codex's configuration: read with its layers, written with the check that nobody wrote in between. */
import { z } from 'zod'
import { codexConfigSchema, configEditSchema, configWrittenSchema } from '../codex-config.ts'
import { folder, place } from './place.ts'
import { command, type MethodShape, method, query } from './shape.ts'

export const CODEX_CONFIG_METHODS = {
  'config/read': method({
    scope: 'operate',
    mutates: false,
    /** `cwd`: as seen from this folder, with the layers of its project. */
    params: query({ ...place, cwd: folder.optional() }),
    result: codexConfigSchema,
  }),
  'config/write': method({
    scope: 'admin',
    mutates: true,
    params: command({
      ...place,
      /** Written together or not at all. */
      edits: z.array(configEditSchema).min(1).max(100),
      /** `version` of `config/read`: refused as `stale` when the file is another one by now. */
      expectedVersion: z.string().min(1).max(200).optional(),
    }),
    result: configWrittenSchema,
  }),
} as const satisfies Record<string, MethodShape>
