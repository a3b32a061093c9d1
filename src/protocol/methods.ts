/**
 * Every request a client can send: its scope, whether it changes something, its parameters and its result. The groups
 * live in `methods/`, one file each.
 */
import { z } from 'zod'
import { actorSchema } from './approval.ts'
import { ACCOUNT_METHODS } from './methods/account.ts'
import { AGENT_METHODS } from './methods/agents.ts'
import { ATTENTION_METHODS } from './methods/attention.ts'
import { CATALOG_METHODS } from './methods/catalog.ts'
import { CODEX_CONFIG_METHODS } from './methods/codex-config.ts'
import { DELETION_COMMANDS } from './methods/deletion.ts'
import { EXPORT_METHODS } from './methods/export.ts'
import { FILE_METHODS } from './methods/files.ts'
import { HOME_METHODS } from './methods/homes.ts'
import { HUB_METHODS } from './methods/hub.ts'
import { JOB_METHODS } from './methods/jobs.ts'
import { QUEUE_METHODS } from './methods/queue.ts'
import { REVERT_METHODS } from './methods/revert.ts'
import { REVIEW_METHODS } from './methods/reviews.ts'
import { SEARCH_METHODS } from './methods/search.ts'
import { SESSION_COMMANDS } from './methods/session-commands.ts'
import { SESSION_QUERIES } from './methods/session-queries.ts'
import type { MethodShape } from './methods/shape.ts'
import { SUBSCRIPTION_METHODS } from './methods/subscriptions.ts'
import { THREAD_COMMANDS } from './methods/thread-commands.ts'
import { THREAD_METHODS } from './methods/threads.ts'
import { TURN_COMMANDS } from './methods/turn-commands.ts'
import { WORKTREE_METHODS } from './methods/worktrees.ts'

export const METHODS = {
  ...ACCOUNT_METHODS,
  ...ATTENTION_METHODS,
  ...CATALOG_METHODS,
  ...CODEX_CONFIG_METHODS,
  ...DELETION_COMMANDS,
  ...FILE_METHODS,
  ...AGENT_METHODS,
  ...EXPORT_METHODS,
  ...HOME_METHODS,
  ...HUB_METHODS,
  ...SEARCH_METHODS,
  ...QUEUE_METHODS,
  ...REVERT_METHODS,
  ...JOB_METHODS,
  ...REVIEW_METHODS,
  ...SESSION_COMMANDS,
  ...SESSION_QUERIES,
  ...SUBSCRIPTION_METHODS,
  ...THREAD_METHODS,
  ...THREAD_COMMANDS,
  ...TURN_COMMANDS,
  ...WORKTREE_METHODS,
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
