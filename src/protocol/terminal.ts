/** A command that went on in the background after the model had stopped to wait for it. */
import { z } from 'zod'

export const backgroundTerminalSchema = z.object({
  /** Names it in `terminal/terminate`. */
  processId: z.string(),
  /** The item of its command; `item/read` has its whole output. */
  itemId: z.string(),
  command: z.string(),
  cwd: z.string(),
  /** The newest of its output that has come. */
  output: z.string(),
})

export type BackgroundTerminal = z.infer<typeof backgroundTerminalSchema>
