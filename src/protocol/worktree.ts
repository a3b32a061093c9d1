/** Git work trees: further folders of one repository, each with a branch of its own, for sessions side by side. */
import { z } from 'zod'

const branch = z.string().min(1).max(200)

/** The work tree a session is to get. Without `branch` and `newBranch` a branch is made and named after the session. */
export const worktreeRequestSchema = z
  .strictObject({
    /** Check out this branch: it exists, and no work tree has it checked out. */
    branch: branch.optional(),
    /** Make this branch: it does not exist. */
    newBranch: branch.optional(),
    /** The commit a new branch starts from, in any of git's words; otherwise what the folder has checked out. */
    from: z.string().min(1).max(200).optional(),
    /** Where: an absolute path that does not exist. Otherwise a folder named after the branch, in the configured place. */
    path: z.string().min(1).max(4_096).optional(),
  })
  .refine((request) => !(request.branch && (request.newBranch || request.from)), {
    message: 'A branch that exists is checked out as it is; "newBranch" and "from" are for new ones.',
  })

export const worktreeSchema = z.object({
  path: z.string(),
  /** Null where no branch is checked out. */
  branch: z.string().nullable(),
  sha: z.string().nullable(),
  /** The repository's first one, which git does not remove. */
  isMain: z.boolean(),
  isLocked: z.boolean(),
  /** Its folder is gone; `worktree/remove` strikes it out. */
  isMissing: z.boolean(),
  /** Files with changes that are not committed; null where that could not be told. */
  changes: z.int().nullable(),
  /** Sessions of the hub that work in it. */
  sessions: z.array(z.string()),
})

/** A work tree that was made. */
export const madeWorktreeSchema = z.object({
  path: z.string(),
  branch: z.string(),
  sha: z.string(),
  /** Ignored files that `.worktreeinclude` asked for: how many were copied, and which could not be. */
  included: z.object({ files: z.int(), bytes: z.number(), failed: z.array(z.string()) }),
})

export type WorktreeRequest = z.infer<typeof worktreeRequestSchema>
export type Worktree = z.infer<typeof worktreeSchema>
export type MadeWorktree = z.infer<typeof madeWorktreeSchema>
