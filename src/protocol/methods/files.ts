/** Names of folders and files, for choosing them: never what is in a file. */
import { z } from 'zod'
import { fileMatchSchema, folderSchema } from '../files.ts'
import { folder, place } from './place.ts'
import { type MethodShape, method, query } from './shape.ts'

export const FILE_METHODS = {
  'folder/list': method({
    scope: 'operate',
    mutates: false,
    /** Omitted: the home folder of the hub's user. */
    params: query({ path: folder.optional() }),
    result: z.object({
      path: z.string(),
      /** Null at the top. */
      parent: z.string().nullable(),
      /** By name; those that begin with a dot are left out. */
      folders: z.array(folderSchema),
      /** There are more than were listed. */
      isPart: z.boolean(),
    }),
  }),
  'file/search': method({
    scope: 'operate',
    mutates: false,
    params: query({
      ...place,
      /** Where to look; otherwise in the session's folder. */
      cwd: folder.optional(),
      /** Letters of a path, in this order, not necessarily beside each other. */
      query: z.string().max(500),
      limit: z.int().min(1).max(100).default(20),
    }),
    /** Best first. */
    result: z.object({ cwd: z.string(), files: z.array(fileMatchSchema) }),
  }),
} as const satisfies Record<string, MethodShape>
