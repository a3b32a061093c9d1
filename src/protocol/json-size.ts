/** Sizes of values as JSON in UTF-8, and cutting texts to such a size. Pure; runs in browsers too. */

const encoder = new TextEncoder()

export function jsonBytes(value: unknown): number {
  return encoder.encode(JSON.stringify(value)).length
}

/**
 * Cut a text into pieces of at most `budget` bytes each. **Invariant:** a surrogate pair stays whole; its halves alone
 * are no text to a strict decoder.
 */
export function cutText(text: string, budget: number): string[] {
  const pieces: string[] = []
  let start = 0
  let bytes = 0
  let at = 0
  while (at < text.length) {
    const units = (text.codePointAt(at) as number) > 0xffff ? 2 : 1
    const cost = units === 2 ? 4 : bytesOf(text.charCodeAt(at))
    if (bytes + cost > budget && at > start) {
      pieces.push(text.slice(start, at))
      start = at
      bytes = 0
    }
    bytes += cost
    at += units
  }
  if (start < text.length) pieces.push(text.slice(start))
  return pieces
}

/** Of one UTF-16 unit that is no half of a pair. Control characters and lone halves are escaped, `\u001b`. */
function bytesOf(unit: number): number {
  if (unit < 0x20) return 6
  if (unit === 0x22 || unit === 0x5c) return 2
  if (unit < 0x80) return 1
  if (unit < 0x800) return 2
  return unit >= 0xd800 && unit <= 0xdfff ? 6 : 3
}
