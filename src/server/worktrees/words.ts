/** Readable names for branches and folders from what a person wrote. Pure. */

const MOST_WORDS = 6
const MOST_UNITS = 40

/** `Fix the flaky tests!` is `fix-the-flaky-tests`; what has no letters to write it with is `session`. */
export function wordsOf(text: string): string {
  const words = text
    .normalize('NFKD')
    .replaceAll(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
    .slice(0, MOST_WORDS)
  let name = ''
  for (const word of words) {
    const longer = name === '' ? word.slice(0, MOST_UNITS) : `${name}-${word}`
    if (longer.length > MOST_UNITS) break
    name = longer
  }
  return name === '' ? 'session' : name
}
