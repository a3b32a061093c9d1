/** Every tool of the bridge, in the order agents see them. */
import type { Tool } from '../tool.ts'
import { READING_TOOLS } from './reading.ts'
import { WORK_TOOLS } from './work.ts'

export const TOOLS: readonly Tool[] = [...READING_TOOLS, ...WORK_TOOLS]
