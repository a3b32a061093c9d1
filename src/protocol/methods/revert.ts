/** Taking turns back: answered once (L12). */
import { z } from 'zod'
import { summarySchema } from '../summary.ts'
import { command, type MethodShape, method, sessionId } from './shape.ts'

export const REVERT_METHODS = {
  'session/revert': method({
    scope: 'operate',
    mutates: true,
    /** Either `turnId` or `count`. */
    params: command({
      sessionId,
      /** The first turn that is taken back; all later ones go with it. */
      turnId: z.string().max(200).optional(),
      /** So many of the newest turns. */
      count: z.int().min(1).optional(),
      /** Also give the files that these turns changed the content they had before. */
      restoreFiles: z.boolean().default(false),
    }),
    result: z.object({
      session: summarySchema,
      /** What was taken back, oldest first. */
      turnIds: z.array(z.string()),
      files: z.object({
        /** `untouched`: only the history was reverted. */
        state: z.enum(['untouched', 'restored', 'failed']),
        /** For a person. */
        message: z.string(),
        /** Files that were written or removed, from the top of the work tree. */
        paths: z.array(z.string()),
        /** A ref of git with all files as they were before they were restored. */
        backup: z.string().nullable(),
      }),
    }),
  }),
} as const satisfies Record<string, MethodShape>
