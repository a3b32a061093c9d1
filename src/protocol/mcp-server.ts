/** An MCP server as Codex has it: how it is, and what it offers. */
import { z } from 'zod'

/**
 * `unknown`: nobody has tried it yet. `needsLogin`: it waits for a person; see `mcpServer/login`. The others are Codex's
 * own words.
 */
export const mcpStateSchema = z.enum([
  'unknown',
  'starting',
  'ready',
  'failed',
  'cancelled',
  'needsLogin',
  'disabled',
])

/** How a server of a session's process is, as Codex told while it started them. */
export const mcpStartupSchema = z.object({
  name: z.string(),
  state: mcpStateSchema,
  /** Why it failed, in Codex's words. */
  error: z.string().nullable(),
})

export const mcpServerSchema = mcpStartupSchema.extend({
  /** Codex's own: `unsupported`, `notLoggedIn`, `bearerToken`, `oAuth`, `unknown`; open set. */
  auth: z.string(),
  tools: z.array(z.object({ name: z.string(), title: z.string().nullable(), description: z.string() })),
  resources: z.int(),
  /** As the server calls itself; null before it was reached. */
  version: z.string().nullable(),
  /** Where it is, without path and credentials; null for one that Codex starts as a process. */
  origin: z.string().nullable(),
})

export type McpState = z.infer<typeof mcpStateSchema>
export type McpStartup = z.infer<typeof mcpStartupSchema>
export type McpServer = z.infer<typeof mcpServerSchema>
