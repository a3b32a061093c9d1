/** Finding what was said, in any session, by its words. */
import { z } from 'zod'
import { searchHitSchema, searchIndexSchema, searchKindSchema } from '../search.ts'
import { doorSchema, summarySchema } from '../summary.ts'
import { type MethodShape, method, pageToken, query, sessionId } from './shape.ts'

export const SEARCH_METHODS = {
  'session/search': method({
    scope: 'view',
    mutates: false,
    params: query({
      /** Words, of which each must occur; `"these together"`; `begin*`. Any text will do. */
      query: z.string().max(1_000),
      limit: z.int().min(1).max(100).default(20),
      pageToken: pageToken.optional(),
      /** Only in this session. */
      sessionId: sessionId.optional(),
      /** Only in sessions of this folder or below it. */
      cwd: z.string().max(4_096).optional(),
      /** Only in sessions that are seen through one of these doors now. */
      doors: z.array(doorSchema).min(1).optional(),
      /** Only in sessions that run, or ran last, with one of these models. */
      models: z.array(z.string().max(200)).min(1).max(50).optional(),
      /** Omitted: both. */
      archived: z.boolean().optional(),
      kinds: z.array(searchKindSchema).min(1).optional(),
      /** Said from here (inclusive) to there (exclusive). Milliseconds since 1970. */
      since: z.number().optional(),
      until: z.number().optional(),
      /** At most so many hits of one session on a page. */
      perSession: z.int().min(1).max(100).optional(),
    }),
    result: z.object({
      /** Newest first. Fewer than `limit` may come with a next page, where filters leave little of very much. */
      hits: z.array(searchHitSchema),
      /** The sessions of the hits, once each. */
      sessions: z.array(summarySchema),
      nextPageToken: pageToken.nullable(),
      index: searchIndexSchema,
    }),
  }),
} as const satisfies Record<string, MethodShape>
