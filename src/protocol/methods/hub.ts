/** The hub itself: greeting, state, end, and the models Codex knows. */
import { z } from 'zod'
import { agentNameSchema, grantSchema } from '../agent.ts'
import { foreignSchema } from '../item.ts'
import { modelSchema } from '../model.ts'
import { searchIndexSchema } from '../search.ts'
import { type MethodShape, method, query, scopeSchema } from './shape.ts'

export const HUB_METHODS = {
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
      /**
       * On whose behalf this client acts: from here on it can do what that agent may, and no more than its token. Said
       * by the MCP bridge.
       */
      agent: z
        .object({
          name: agentNameSchema,
          /** No more than these. */
          scopes: z.array(scopeSchema).optional(),
          /** For this connection, beyond what the agent was granted for good; only with a token of scope `admin`. */
          grants: z.array(grantSchema).max(200).default([]),
          /** The bridge's own process, where it runs on the hub's machine: tells which session started it. */
          process: z.object({ pid: z.int(), startToken: z.string().max(200) }).optional(),
        })
        .optional(),
    }),
    result: z.object({
      protocolVersion: z.int(),
      hub: z.object({
        id: z.string(),
        version: z.string(),
        startedAt: z.number(),
        /** What `~` stands for on the hub's machine; absent from older hubs. */
        home: z.string().optional(),
      }),
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
          /** Sessions share it. */
          isShared: z.boolean(),
          startedAt: z.number(),
          /** Resident; null where the system does not tell. */
          memoryBytes: z.number().nullable(),
        }),
      ),
      /** What clients have not read yet. */
      unreadBytes: z.number(),
      /** Prompts that wait in queues. */
      queuedPrompts: z.int(),
      /** The log, with its older part. */
      logBytes: z.number(),
      store: foreignSchema,
      search: searchIndexSchema,
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
} as const satisfies Record<string, MethodShape>
