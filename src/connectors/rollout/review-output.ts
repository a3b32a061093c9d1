/** What a review found, as its rollout has it: with the confidence that Codex's own words leave out. Reads the end of a file only. */
import { readFile, stat } from 'node:fs/promises'
import { asFields, asText } from '../codex/decode.ts'
import { type ReviewContent, readReviewOutput } from '../codex/review-findings.ts'
import { openSource } from './byte-source.ts'

const TAIL_BYTES = 4 * 1024 * 1024
const CHUNK_BYTES = 256 * 1024

/** @returns null where the file does not have it, or cannot be read */
export async function findReviewOutput(path: string, itemId: string): Promise<ReviewContent | null> {
  try {
    const text = await readEnd(path)
    for (const line of text.split('\n').reverse()) {
      if (!line.includes('"review_output"') || !line.includes(itemId)) continue
      const payload = asFields(asFields(JSON.parse(line))?.payload)
      const item = asFields(payload?.item)
      if (asText(item?.id) === itemId) return readReviewOutput(item?.review_output)
    }
  } catch {
    // A file that moved, or a line that is cut off: the review is told in words all the same.
  }
  return null
}

async function readEnd(path: string): Promise<string> {
  const { size } = await stat(path)
  if (size <= TAIL_BYTES && !path.endsWith('.zst')) return readFile(path, 'utf8')
  const source = await openSource(path)
  try {
    const chunks: Buffer[] = []
    for (let offset = Math.max(0, (source.size ?? 0) - TAIL_BYTES); ; ) {
      const bytes = await source.read(offset, CHUNK_BYTES)
      if (bytes.length === 0 || offset > 64 * TAIL_BYTES) break
      chunks.push(Buffer.from(bytes))
      offset += bytes.length
    }
    return Buffer.concat(chunks).toString('utf8')
  } finally {
    await source.close()
  }
}
