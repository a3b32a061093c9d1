/** Every tool of the bridge, in the order agents see them. */
import type { Tool } from '../tool.ts'
import { LIFE_TOOLS } from './life.ts'
import { LOOKING_TOOLS } from './looking.ts'
import { READING_TOOLS } from './reading.ts'
import { WORK_TOOLS } from './work.ts'

export const TOOLS: readonly Tool[] = [...READING_TOOLS, ...WORK_TOOLS, ...LIFE_TOOLS, ...LOOKING_TOOLS]
