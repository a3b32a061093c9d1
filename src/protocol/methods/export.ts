/** A session as a file, and such a file as a session. */
import { z } from 'zod'
import { exportFormatSchema } from '../export.ts'
import { summarySchema } from '../summary.ts'
import { command, type MethodShape, method, query, sessionId } from './shape.ts'

/** Made by the client; one for each file that it brings. */
const uploadId = z.string().regex(/^[A-Za-z0-9_-]{8,100}$/)

export const EXPORT_METHODS = {
  'session/export': method({
    scope: 'view',
    mutates: false,
    params: query({
      sessionId,
      format: exportFormatSchema.default('json'),
      /** Where the last piece ended; without it the first one. */
      pageToken: z.string().max(1_000).optional(),
    }),
    result: z.object({
      /** The next piece of the file; all of them together are the file. */
      text: z.string(),
      nextPageToken: z.string().nullable(),
      /** For example `Fix the tests.json`. */
      fileName: z.string(),
      mediaType: z.string(),
    }),
  }),
  'import/upload': method({
    scope: 'operate',
    mutates: false,
    params: query({
      uploadId,
      /** How much of the file was sent before: 0 begins it anew. UTF-16 units. */
      offset: z.int().min(0),
      text: z.string().max(2_000_000),
    }),
    result: z.object({ length: z.int() }),
  }),
  'session/import': method({
    scope: 'operate',
    mutates: true,
    params: command({ uploadId }),
    result: z.object({
      session: summarySchema,
      /** False when this hub had it already, from this export or a newer one. */
      isNew: z.boolean(),
    }),
  }),
} as const satisfies Record<string, MethodShape>
