/** A command's words as one line a shell would take, quoted the way Codex does it (Rust's `shlex`). */

const PLAIN = /^[A-Za-z0-9+\-./:@_,=]+$/

export function quoteCommand(words: readonly string[]): string {
  return words.map((word) => (PLAIN.test(word) ? word : quoteWord(word))).join(' ')
}

function quoteWord(word: string): string {
  if (!word.includes("'")) return `'${word}'`
  return `"${word.replace(/["$`\\]/g, '\\$&')}"`
}
