/** The thread browser: what Codex itself knows. */
import { z } from 'zod'
import { summarySchema } from '../summary.ts'
import { threadSchema } from '../thread.ts'
import { folder } from './place.ts'
import { type MethodShape, method, pageToken, query } from './shape.ts'

export const THREAD_METHODS = {
  'thread/list': method({
    scope: 'view',
    mutates: false,
    params: query({
      /** A `codexHome` of `home/list`; otherwise the hub's own. */
      home: folder.optional(),
      limit: z.int().min(1).max(100).default(50),
      pageToken: pageToken.optional(),
      archived: z.boolean().default(false),
      /** Only threads with this in their title. */
      query: z.string().max(200).optional(),
      /** Only threads of this folder or below it. */
      cwd: z.string().max(4_096).optional(),
    }),
    result: z.object({
      codexHome: z.string(),
      /** Newest first. Fewer than `limit` may come with a next page. */
      threads: z.array(threadSchema),
      /** The hub's sessions of these threads. */
      sessions: z.array(summarySchema),
      nextPageToken: pageToken.nullable(),
    }),
  }),
} as const satisfies Record<string, MethodShape>
