/** What Codex has around sessions, as its own lists tell: skills, hooks, plugins, apps, providers, profiles, modes, features. */
import { z } from 'zod'

export const skillSchema = z.object({
  name: z.string(),
  description: z.string(),
  /** The `SKILL.md`; with the name it makes a `skill` input. */
  path: z.string(),
  /** `user`, `repo`, `system`, `admin`; open set. */
  scope: z.string(),
  enabled: z.boolean(),
  pluginId: z.string().nullable(),
})

/** Skills as they count in one folder, and those that could not be read. */
export const skillFolderSchema = z.object({
  cwd: z.string(),
  skills: z.array(skillSchema),
  errors: z.array(z.object({ path: z.string(), message: z.string() })),
})

export const hookSchema = z.object({
  key: z.string(),
  event: z.string(),
  matcher: z.string().nullable(),
  /** `command`, `mcpTool`, `prompt`, `agent`; open set. */
  kind: z.string(),
  /** The command line, or the server and tool; null where Codex does not say. */
  runs: z.string().nullable(),
  /** The file that declares it. */
  path: z.string(),
  source: z.string(),
  enabled: z.boolean(),
  /** Whether Codex runs it: `trusted`, `managed`, `untrusted`, `modified`; open set. */
  trust: z.string(),
})

export const hookFolderSchema = z.object({
  cwd: z.string(),
  hooks: z.array(hookSchema),
  warnings: z.array(z.string()),
  errors: z.array(z.object({ path: z.string(), message: z.string() })),
})

export const pluginSchema = z.object({
  id: z.string(),
  name: z.string(),
  marketplace: z.string(),
  description: z.string(),
  version: z.string().nullable(),
  installed: z.boolean(),
  enabled: z.boolean(),
  /** Codex's own word for whether it can be had. */
  availability: z.string().nullable(),
})

export const appSchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  enabled: z.boolean(),
  /** Whether the account may use it now. */
  accessible: z.boolean(),
  /** Where a person connects it. */
  installUrl: z.string().nullable(),
})

export const modelProviderSchema = z.object({
  id: z.string(),
  name: z.string(),
  baseUrl: z.string().nullable(),
  isDefault: z.boolean(),
})

export const permissionProfileSchema = z.object({
  id: z.string(),
  description: z.string().nullable(),
  /** Whether the machine's rules let a session use it. */
  allowed: z.boolean(),
})

export const collaborationModeSchema = z.object({
  /** What `settings.mode` takes: `plan`, `default`; open set. */
  mode: z.string(),
  name: z.string(),
  model: z.string().nullable(),
  effort: z.string().nullable(),
})

export const featureSchema = z.object({
  name: z.string(),
  /** `beta`, `underDevelopment`, `stable`, `deprecated`, `removed`; open set. */
  stage: z.string(),
  displayName: z.string().nullable(),
  description: z.string().nullable(),
  enabled: z.boolean(),
  defaultEnabled: z.boolean(),
})

export type SkillFolder = z.infer<typeof skillFolderSchema>
export type Skill = z.infer<typeof skillSchema>
export type HookFolder = z.infer<typeof hookFolderSchema>
export type Hook = z.infer<typeof hookSchema>
export type Plugin = z.infer<typeof pluginSchema>
export type App = z.infer<typeof appSchema>
export type ModelProvider = z.infer<typeof modelProviderSchema>
export type PermissionProfile = z.infer<typeof permissionProfileSchema>
export type CollaborationMode = z.infer<typeof collaborationModeSchema>
export type Feature = z.infer<typeof featureSchema>
