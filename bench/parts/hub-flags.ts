/** How Node is to run the hub: by the first line of its program. `BENCH_NODE_ARGS` may name a profiler. */
import { readFileSync } from 'node:fs'

/** @param program the file a user starts */
export function hubFlags(program: string): string[] {
  const [, flags = ''] = /^#!.* node (.*)\n/.exec(readFileSync(program, 'utf8')) ?? []
  return `${flags} ${process.env.BENCH_NODE_ARGS ?? ''}`.split(' ').filter((flag) => flag !== '')
}
