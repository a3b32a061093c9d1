/**
 * Every request a client can send: its scope, whether it changes something, its parameters and its result.
 * A method with `mutates` takes a `commandId` and leaves a receipt (L12).
 */
import { z } from 'zod'
import { actorSchema, approvalAnswerSchema, approvalSchema } from './approval.ts'
import { cursorSchema } from './cursor.ts'
import { inputSchema } from './input.ts'
import { foreignSchema, itemSchema } from './item.ts'
import { settingsRequestSchema } from './settings.ts'
import { summarySchema } from './summary.ts'
import { turnSchema } from './turn.ts'

export const scopeSchema = z.enum(['view', 'operate', 'approve', 'admin'])
export type Scope = z.infer<typeof scopeSchema>

const sessionId = z.string().min(1).max(100)
const commandId = z.string().min(8).max(100)
const pageToken = z.string().max(200)
const limit = z.int().min(1).max(500)

interface MethodShape {
  readonly scope: Scope
  readonly mutates: boolean
  readonly params: z.ZodType
  readonly result: z.ZodType
}

const method = <const M extends MethodShape>(shape: M): M => shape

/** A command's parameters: its own and the `commandId`, made by the client, the same in every retry. */
const command = <Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject({ commandId, ...shape })
const query = <Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject(shape)

const sessionAnswer = z.object({ session: summarySchema })

export const modelSchema = z.object({
  id: z.string(),
  displayName: z.string(),
  description: z.string(),
  efforts: z.array(z.string()),
  defaultEffort: z.string().nullable(),
  isDefault: z.boolean(),
  hidden: z.boolean(),
})
export type Model = z.infer<typeof modelSchema>

/** How a subscription was answered: what follows are the deltas since the cursor, or a snapshot. */
const subscribed = z.object({
  mode: z.enum(['deltas', 'snapshot']),
  /** The place of the stream now; `synchronized` follows when it is reached. */
  cursor: cursorSchema,
  /** Why the cursor could not be used, when it could not. */
  reason: z.enum(['noCursor', 'otherEpoch', 'tooOld', 'ahead']).nullable(),
})

export const METHODS = {
  'hub/hello': method({
    scope: 'view',
    mutates: false,
    params: query({
      protocolVersion: z.int().min(1),
      client: z.object({
        /** Stable per installation or tab; shown to others when this client decides something. */
        id: z.string().min(1).max(100),
        name: z.string().min(1).max(100),
        version: z.string().max(100).optional(),
      }),
    }),
    result: z.object({
      protocolVersion: z.int(),
      hub: z.object({ id: z.string(), version: z.string(), startedAt: z.number() }),
      scopes: z.array(scopeSchema),
      heartbeatMs: z.int(),
    }),
  }),
  'hub/ping': method({
    scope: 'view',
    mutates: false,
    params: query({ echo: z.string().max(200).optional() }),
    result: z.object({ now: z.number(), echo: z.string().optional() }),
  }),
  'hub/status': method({
    scope: 'view',
    mutates: false,
    params: query({}),
    result: z.object({
      version: z.string(),
      uptimeMs: z.number(),
      codex: z.object({
        path: z.string().nullable(),
        version: z.string().nullable(),
        source: z.string().nullable(),
        problem: z.string().nullable(),
      }),
      sessions: z.record(z.string(), z.int()),
      clients: z.int(),
      processes: z.array(
        z.object({
          id: z.string(),
          pid: z.int(),
          sessionId: z.string().nullable(),
          startedAt: z.number(),
        }),
      ),
      store: foreignSchema,
      memory: z.object({ rssBytes: z.number(), heapBytes: z.number() }),
    }),
  }),
  'hub/shutdown': method({
    scope: 'admin',
    mutates: false,
    params: query({ stopSessions: z.boolean().default(false) }),
    result: z.object({}),
  }),
  'model/list': method({
    scope: 'view',
    mutates: false,
    params: query({ includeHidden: z.boolean().default(false) }),
    result: z.object({ models: z.array(modelSchema) }),
  }),
  'session/create': method({
    scope: 'operate',
    mutates: true,
    params: command({
      cwd: z.string().min(1).max(4_096),
      settings: settingsRequestSchema.default({}),
      name: z.string().min(1).max(200).optional(),
      input: inputSchema.optional(),
    }),
    result: z.object({ session: summarySchema, turnId: z.string().nullable() }),
  }),
  'session/send': method({
    scope: 'operate',
    mutates: true,
    params: command({ sessionId, input: inputSchema }),
    result: z.object({ turnId: z.string() }),
  }),
  'session/interrupt': method({
    scope: 'operate',
    mutates: true,
    params: command({ sessionId, turnId: z.string().max(200).optional() }),
    result: z.object({ turnId: z.string() }),
  }),
  'session/resume': method({
    scope: 'operate',
    mutates: true,
    params: command({ sessionId }),
    result: sessionAnswer,
  }),
  'session/end': method({
    scope: 'operate',
    mutates: true,
    params: command({ sessionId, force: z.boolean().default(false) }),
    result: sessionAnswer,
  }),
  'session/rename': method({
    scope: 'operate',
    mutates: true,
    params: command({ sessionId, name: z.string().trim().min(1).max(200) }),
    result: sessionAnswer,
  }),
  'session/configure': method({
    scope: 'operate',
    mutates: true,
    params: command({ sessionId, settings: settingsRequestSchema }),
    result: sessionAnswer,
  }),
  'session/markRead': method({
    scope: 'operate',
    mutates: true,
    params: command({ sessionId }),
    result: z.object({}),
  }),
  'approval/decide': method({
    scope: 'approve',
    mutates: true,
    params: command({ sessionId, approvalId: z.string().min(1).max(300), answer: approvalAnswerSchema }),
    result: z.object({ approval: approvalSchema }),
  }),
  'session/list': method({
    scope: 'view',
    mutates: false,
    params: query({
      limit: limit.default(50),
      pageToken: pageToken.optional(),
      archived: z.boolean().default(false),
      /** Only sessions in this folder or below it. */
      cwd: z.string().max(4_096).optional(),
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
    result: z.object({ session: summarySchema, approvals: z.array(approvalSchema) }),
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
  'session/subscribe': method({
    scope: 'view',
    mutates: false,
    params: query({ sessionId, cursor: cursorSchema.optional() }),
    result: subscribed,
  }),
  'session/unsubscribe': method({
    scope: 'view',
    mutates: false,
    params: query({ sessionId }),
    result: z.object({}),
  }),
  'sessions/subscribe': method({
    scope: 'view',
    mutates: false,
    params: query({ cursor: cursorSchema.optional() }),
    result: subscribed,
  }),
  'sessions/unsubscribe': method({
    scope: 'view',
    mutates: false,
    params: query({}),
    result: z.object({}),
  }),
} as const satisfies Record<string, MethodShape>

export type Methods = typeof METHODS
export type MethodName = keyof Methods
/** Parameters as a client writes them (defaults may be left out). */
export type ParamsOf<M extends MethodName> = z.input<Methods[M]['params']>
/** Parameters as the hub sees them (defaults filled in). */
export type ReadParamsOf<M extends MethodName> = z.output<Methods[M]['params']>
export type ResultOf<M extends MethodName> = z.infer<Methods[M]['result']>
/** Methods that take a `commandId`. */
export type CommandName = { [M in MethodName]: Methods[M]['mutates'] extends true ? M : never }[MethodName]

/** The `facts` of a `stale` error: who was first. */
export const staleFactsSchema = z.object({
  decision: z.string().nullable(),
  by: actorSchema.nullable(),
  at: z.number(),
})
