/**
 * The first fields of a `session_meta` line whose end is out of reach. Codex writes the short ones (id, cwd, version,
 * source) before the instructions; they are read as far as they go and the rest is left alone.
 */
import { asFields, type Fields } from '../codex/decode.ts'

const START = /^\{.{0,120}?"type":"session_meta","payload":(?=\{)/
const SCAN_BYTES = 16 * 1024

/** @param head the first bytes of the file. @returns null when it does not begin with a `session_meta` */
export function scanMeta(head: Buffer): Fields | null {
  const text = head.toString('utf8', 0, Math.min(head.length, SCAN_BYTES))
  const start = START.exec(text)
  if (!start) return null
  const payload = text.slice(start[0].length)
  // Cut at each comma outside of strings, from the back, until what stands before it closes to an object.
  const commas = topLevelCommas(payload)
  for (const comma of commas.reverse()) {
    try {
      return asFields(JSON.parse(`${payload.slice(0, comma)}}`))
    } catch {
      // An earlier comma may do.
    }
  }
  return null
}

/** Places between two fields of the outermost object; the first few dozen are all there can be. */
function topLevelCommas(text: string): number[] {
  const places: number[] = []
  let depth = 0
  let inString = false
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]
    if (inString) {
      if (character === '\\') at += 1
      else if (character === '"') inString = false
    } else if (character === '"') inString = true
    else if (character === '{' || character === '[') depth += 1
    else if (character === '}' || character === ']') {
      depth -= 1
      if (depth === 0) places.push(at)
    } else if (character === ',' && depth === 1) places.push(at)
    if (depth === 0 && at > 0) break
  }
  return places.slice(0, 64)
}
