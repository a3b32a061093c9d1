/** What a session runs with. Values are Codex's own; open sets, because each Codex release may add some. */
import { z } from 'zod'

/** `untrusted`, `on-request`, `never` or Codex's granular object. */
export const approvalPolicySchema = z.union([z.string().min(1), z.record(z.string(), z.unknown())])

/** Codex's sandbox modes. A thread may also run under a finer policy, reported as `custom`. */
export const sandboxModeSchema = z.enum(['read-only', 'workspace-write', 'danger-full-access'])

/** Settings a client may ask for; everything omitted stays as it is (or as Codex's own configuration says). */
export const settingsRequestSchema = z.object({
  model: z.string().min(1).max(200).optional(),
  effort: z.string().min(1).max(50).optional(),
  approvalPolicy: approvalPolicySchema.optional(),
  sandbox: sandboxModeSchema.optional(),
  /** How Codex works with the person, one of `collaborationMode/list`: `plan`, `default`. */
  mode: z.string().min(1).max(50).optional(),
  /** One of `permissionProfile/list`, in place of a sandbox. */
  permissionProfile: z.string().min(1).max(200).optional(),
})

/** Settings in force. Null where Codex has not said. */
export const settingsSchema = z.object({
  model: z.string().nullable(),
  modelProvider: z.string().nullable(),
  effort: z.string().nullable(),
  approvalPolicy: approvalPolicySchema.nullable(),
  sandbox: z.string().nullable(),
  mode: z.string().nullable().optional(),
  permissionProfile: z.string().nullable().optional(),
})

export type SettingsRequest = z.infer<typeof settingsRequestSchema>
export type Settings = z.infer<typeof settingsSchema>

/** Later settings over earlier ones. A sandbox and a permission profile exclude each other: the later one stays. */
export function joinSettings(before: SettingsRequest, more: SettingsRequest): SettingsRequest {
  const { sandbox, permissionProfile, ...rest } = { ...before, ...more }
  const isProfile = more.permissionProfile !== undefined || (more.sandbox === undefined && permissionProfile)
  if (isProfile) return { ...rest, ...(permissionProfile === undefined ? {} : { permissionProfile }) }
  return { ...rest, ...(sandbox === undefined ? {} : { sandbox }) }
}
