/** Reading sessions: lists and pages, always bounded. */
import { z } from 'zod'
import { approvalSchema } from '../approval.ts'
import { itemSchema } from '../item.ts'
import { summarySchema } from '../summary.ts'
import { turnSchema } from '../turn.ts'
import { limit, type MethodShape, method, pageToken, query, sessionId } from './shape.ts'

/** Another session, by its thread: the hub may not have it (any more). */
const relativeSchema = z.object({
  threadId: z.string(),
  sessionId: z.string().nullable(),
  title: z.string().nullable(),
})

const relationsSchema = z.object({
  forkedFrom: relativeSchema.nullable(),
  forks: z.array(relativeSchema),
  /** The session whose subagent this one is, and its own subagents. */
  parent: relativeSchema.nullable(),
  subagents: z.array(relativeSchema),
  /** The session this one was made to review for, and those that review for it. */
  reviewOf: relativeSchema.nullable(),
  reviews: z.array(relativeSchema),
})

export const SESSION_QUERIES = {
  'session/list': method({
    scope: 'view',
    mutates: false,
    params: query({
      limit: limit.default(50),
      pageToken: pageToken.optional(),
      archived: z.boolean().default(false),
      /** Only sessions in this folder or below it. */
      cwd: z.string().max(4_096).optional(),
      /** Also sessions of subagents, which are shown under their parents. */
      subagents: z.boolean().default(false),
      /** Only the subagents that this session started. */
      parentSessionId: sessionId.optional(),
    }),
    result: z.object({
      sessions: z.array(summarySchema),
      total: z.int(),
      nextPageToken: pageToken.nullable(),
    }),
  }),
  'session/get': method({
    scope: 'view',
    mutates: false,
    params: query({ sessionId }),
    result: z.object({
      session: summarySchema,
      approvals: z.array(approvalSchema),
      relations: relationsSchema,
    }),
  }),
  'session/items': method({
    scope: 'view',
    mutates: false,
    params: query({
      sessionId,
      limit: limit.default(50),
      /** Oldest first after this token, or newest first before it, as `order` says. */
      pageToken: pageToken.optional(),
      order: z.enum(['newestFirst', 'oldestFirst']).default('newestFirst'),
      turnId: z.string().max(200).optional(),
      /** Only items with a lower `seq`: continues a state's window backwards. */
      beforeSeq: z.int().optional(),
    }),
    result: z.object({ items: z.array(itemSchema), nextPageToken: pageToken.nullable() }),
  }),
  'session/turns': method({
    scope: 'view',
    mutates: false,
    params: query({ sessionId, limit: limit.default(50), pageToken: pageToken.optional() }),
    result: z.object({ turns: z.array(turnSchema), nextPageToken: pageToken.nullable() }),
  }),
  'session/approvals': method({
    scope: 'view',
    mutates: false,
    params: query({ sessionId, limit: limit.default(50), pageToken: pageToken.optional() }),
    result: z.object({ approvals: z.array(approvalSchema), nextPageToken: pageToken.nullable() }),
  }),
  'item/read': method({
    scope: 'view',
    mutates: false,
    params: query({
      sessionId,
      itemId: z.string().min(1).max(300),
      /** A text field of the body; omitted: the whole item, its texts cut as in a state. */
      field: z.string().max(100).optional(),
      /** Where to start, in UTF-16 units. */
      offset: z.int().min(0).default(0),
      /** At most this many UTF-16 units. */
      length: z.int().min(1).max(1_000_000).default(256_000),
    }),
    result: z.object({
      item: itemSchema.optional(),
      text: z.string().optional(),
      /** Whole length of the field in UTF-16 units. */
      total: z.int().optional(),
    }),
  }),
  'session/diff': method({
    scope: 'view',
    mutates: false,
    params: query({ sessionId }),
    result: z.object({ turnId: z.string().nullable(), unified: z.string() }),
  }),
  'session/terminal': method({
    scope: 'operate',
    mutates: false,
    params: query({ sessionId }),
    result: z.object({
      /** The command, ready to run, that joins a Codex terminal to the live session. */
      command: z.array(z.string()),
      /** Environment variables it needs. */
      env: z.record(z.string(), z.string()),
      cwd: z.string(),
    }),
  }),
} as const satisfies Record<string, MethodShape>
