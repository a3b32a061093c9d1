/** Folders and files by their names. */
import { z } from 'zod'

export const folderSchema = z.object({
  name: z.string(),
  path: z.string(),
  /** A version control keeps it. */
  isRepository: z.boolean(),
})

export const fileMatchSchema = z.object({
  /** As seen from the folder that was searched. */
  path: z.string(),
  kind: z.enum(['file', 'folder']),
  /** Which characters of the path were searched for. UTF-16 units. */
  marks: z.array(z.int()),
})

export type Folder = z.infer<typeof folderSchema>
export type FileMatch = z.infer<typeof fileMatchSchema>
