/** What Codex has around sessions: lists of it, and what of it can be switched. */
import { z } from 'zod'
import {
  appSchema,
  collaborationModeSchema,
  featureSchema,
  hookFolderSchema,
  modelProviderSchema,
  permissionProfileSchema,
  pluginSchema,
  skillFolderSchema,
} from '../catalog.ts'
import { jobSchema } from '../job.ts'
import { mcpServerSchema } from '../mcp-server.ts'
import { folder, place } from './place.ts'
import { command, type MethodShape, method, query } from './shape.ts'

/** Folders to look from; without any the session's own, else the home alone. */
const cwds = z.array(folder).max(20).default([])

export const CATALOG_METHODS = {
  /** Asking a home starts the servers it is configured with, and so does a session before 0.160: more than a look. */
  'mcpServer/list': method({
    scope: 'operate',
    mutates: false,
    params: query({ ...place }),
    result: z.object({ servers: z.array(mcpServerSchema) }),
  }),
  'mcpServer/reload': method({
    scope: 'operate',
    mutates: true,
    params: command({ ...place }),
    result: z.object({}),
  }),
  'mcpServer/login': method({
    scope: 'admin',
    mutates: true,
    params: command({
      ...place,
      server: z.string().min(1).max(200),
      scopes: z.array(z.string().min(1).max(200)).max(50).optional(),
    }),
    result: z.object({ job: jobSchema }),
  }),
  'skill/list': method({
    scope: 'view',
    mutates: false,
    params: query({ ...place, cwds, reload: z.boolean().default(false) }),
    result: z.object({ folders: z.array(skillFolderSchema) }),
  }),
  'skill/enable': method({
    scope: 'admin',
    mutates: true,
    params: command({
      ...place,
      /** The path of its `SKILL.md`, or its name where one skill only has that. */
      skill: z.string().min(1).max(4_096),
      enabled: z.boolean(),
    }),
    result: z.object({ path: z.string(), enabled: z.boolean() }),
  }),
  'hook/list': method({
    scope: 'view',
    mutates: false,
    params: query({ ...place, cwds }),
    result: z.object({ folders: z.array(hookFolderSchema) }),
  }),
  'plugin/list': method({
    scope: 'view',
    mutates: false,
    params: query({ ...place, cwds, installedOnly: z.boolean().default(false) }),
    result: z.object({
      plugins: z.array(pluginSchema),
      /** Marketplaces that could not be read, each a sentence. */
      errors: z.array(z.string()),
    }),
  }),
  'app/list': method({
    scope: 'view',
    mutates: false,
    params: query({ ...place }),
    result: z.object({ apps: z.array(appSchema) }),
  }),
  'modelProvider/list': method({
    scope: 'view',
    mutates: false,
    params: query({ ...place }),
    result: z.object({ providers: z.array(modelProviderSchema) }),
  }),
  'permissionProfile/list': method({
    scope: 'view',
    mutates: false,
    params: query({ ...place, cwd: folder.optional() }),
    result: z.object({ profiles: z.array(permissionProfileSchema) }),
  }),
  'collaborationMode/list': method({
    scope: 'view',
    mutates: false,
    params: query({ ...place }),
    result: z.object({ modes: z.array(collaborationModeSchema) }),
  }),
  'feature/list': method({
    scope: 'view',
    mutates: false,
    params: query({ ...place }),
    result: z.object({ features: z.array(featureSchema) }),
  }),
  'feature/enable': method({
    scope: 'admin',
    mutates: true,
    params: command({ ...place, name: z.string().min(1).max(200), enabled: z.boolean() }),
    result: z.object({
      enabled: z.boolean(),
      /** False where another layer of the configuration says otherwise. */
      inForce: z.boolean(),
    }),
  }),
} as const satisfies Record<string, MethodShape>
