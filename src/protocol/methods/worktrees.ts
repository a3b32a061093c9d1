/** Git work trees of a folder's repository. */
import { z } from 'zod'
import { madeWorktreeSchema, worktreeRequestSchema, worktreeSchema } from '../worktree.ts'
import { command, type MethodShape, method, query } from './shape.ts'

const folder = z.string().min(1).max(4_096)

export const WORKTREE_METHODS = {
  'worktree/list': method({
    scope: 'view',
    mutates: false,
    params: query({ cwd: folder }),
    result: z.object({ worktrees: z.array(worktreeSchema) }),
  }),
  'worktree/create': method({
    scope: 'operate',
    mutates: true,
    params: command({
      /** Any folder of the repository. */
      cwd: folder,
      worktree: worktreeRequestSchema,
    }),
    result: z.object({ worktree: madeWorktreeSchema }),
  }),
  'worktree/remove': method({
    scope: 'operate',
    mutates: true,
    params: command({
      path: folder,
      /** Any folder of the repository; needed where the work tree's own folder is gone. */
      cwd: folder.optional(),
      /** Also with changes that are not committed: they are lost. Its branch stays. */
      force: z.boolean().default(false),
    }),
    result: z.object({ path: z.string(), branch: z.string().nullable() }),
  }),
} as const satisfies Record<string, MethodShape>
