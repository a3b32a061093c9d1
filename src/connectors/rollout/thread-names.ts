/**
 * Names people gave to threads. Since 0.98 or so they are not in the rollout but in `session_index.jsonl` beside the
 * sessions, one line for each naming; the last one counts.
 */
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { asFields, asText } from '../codex/decode.ts'
import { LineSplitter } from './line-splitter.ts'

const MAX_LINE_BYTES = 64 * 1024

/** Thread id to name; empty where the home has no index or it cannot be read. */
export async function readThreadNames(codexHome: string): Promise<Map<string, string>> {
  const names = new Map<string, string>()
  const splitter = new LineSplitter(MAX_LINE_BYTES)
  const sink = { line: (bytes: Buffer) => readEntry(names, bytes), tooLong: () => {} }
  try {
    for await (const chunk of createReadStream(join(codexHome, 'session_index.jsonl')))
      splitter.push(chunk as Buffer, sink)
  } catch {
    // A name is an extra: without the index a thread is called by its first prompt.
  }
  return names
}

function readEntry(names: Map<string, string>, bytes: Buffer): void {
  try {
    const entry = asFields(JSON.parse(bytes.toString('utf8')))
    const id = asText(entry?.id)
    const name = asText(entry?.thread_name)
    if (id !== null && name) names.set(id, name)
    else if (id !== null) names.delete(id)
  } catch {
    // Costs this line.
  }
}
