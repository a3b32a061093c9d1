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
  while (start < text.length) {
    let end = wholeEnd(text, start, start + budget)
    let bytes = textBytes(text.slice(start, end))
    // Sizes are taken by native code: what does not fit is shortened in proportion, which ends after a step or two.
    while (bytes > budget) {
      const shorter = wholeEnd(text, start, start + Math.floor(((end - start) * budget) / bytes))
      if (shorter >= end) break
      end = shorter
      bytes = textBytes(text.slice(start, end))
    }
    pieces.push(text.slice(start, end))
    start = end
  }
  return pieces
}

/** Without the quotes. */
function textBytes(text: string): number {
  return jsonBytes(text) - 2
}

/** `end`, or where the code point there begins; the first one is taken in any case. */
function wholeEnd(text: string, start: number, end: number): number {
  if (end >= text.length) return text.length
  const first = start + ((text.codePointAt(start) as number) > 0xffff ? 2 : 1)
  if (end <= first) return first
  return (text.codePointAt(end - 1) as number) > 0xffff ? end - 1 : end
}
