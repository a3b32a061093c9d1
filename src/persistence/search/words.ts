/**
 * What is searched and how: the text of an item, its words, and a person's query as words. Texts and queries are cut and
 * folded here, by one function, so that what SQLite indexes and what it is asked for cannot differ; its own tokenizer
 * (`unicode61`) then only splits at spaces. Pure, and it never throws: any text is a query.
 *
 * *This is deliberate:* words, not trigrams. A trigram index weighs several times the text and finds nothing shorter than
 * three characters, which in Chinese is most words. Scripts that write no spaces are cut into characters instead, so that
 * any part of a run is found as a phrase.
 */

/** How much of one text is searched. UTF-16 units. */
export const SEARCHED_UNITS = 200_000
const MAX_TERMS = 16
/** Words of a phrase beyond these are not compared. */
const MAX_WORDS = 32
/** An unfinished last word must have this much to be taken for a beginning: `a` begins half of all words. */
const MIN_PREFIX = 3

/** A character of a script without spaces, with the marks on it; or a run of letters, digits and marks of any other. */
const WORD =
  /[[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]&&\p{L}]\p{M}*|[[\p{L}\p{N}\p{Co}\p{M}]--[[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]&&\p{L}]]+/gv
/** Accents, and the points of Hebrew and Arabic, which most people leave out; not the vowels of Indic scripts. */
const ACCENTS = /[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII begins with them
const ASCII = /^[\u0000-\u007f]*$/

/** Words that must stand one after the other; `isPrefix`: the last one may go on. */
export interface Term {
  readonly words: readonly string[]
  readonly isPrefix: boolean
}

export interface Word {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** The text of an item's body that is searched; empty where there is none. */
export function searchedText(type: string, body: unknown): string {
  if (typeof body !== 'object' || body === null) return ''
  const { text, content } = body as Record<string, unknown>
  if (type === 'agentMessage') return typeof text === 'string' ? cutText(text) : ''
  if (!Array.isArray(content)) return ''
  const texts = content.flatMap((part: { text?: unknown } | null) =>
    typeof part?.text === 'string' ? [part.text] : [],
  )
  return cutText(texts.join('\n'))
}

export const cutText = (text: string): string =>
  text.length > SEARCHED_UNITS ? text.slice(0, SEARCHED_UNITS) : text

/** The words of a text, as they are indexed. SQLite itself folds ASCII, and splits it at the same places. */
export function indexedText(text: string): string {
  if (ASCII.test(text)) return text
  let words = ''
  for (const word of wordsOf(text)) words += `${word.text} `
  return words
}

/** The words of a text with their places, folded: no case, no accents, one form for letters of full and half width. */
export function* wordsOf(text: string): Generator<Word> {
  for (const match of text.matchAll(WORD)) {
    const folded = fold(match[0])
    // An accent on nothing leaves nothing.
    if (folded !== '') yield { text: folded, start: match.index, end: match.index + match[0].length }
  }
}

/**
 * A query as a person types it: `"these words together"`, `begin*`, and else words of which each must occur; the last one
 * may be unfinished.
 */
export function readTerms(query: string): Term[] {
  const terms: Term[] = []
  for (const match of query.matchAll(/"([^"]*)"?|[^\s"]+/g)) {
    const [whole, phrase] = match
    const words = [...wordsOf(phrase ?? whole)].slice(0, MAX_WORDS).map(({ text }) => text)
    const isLast = match.index + whole.length === query.length && (words.at(-1)?.length ?? 0) >= MIN_PREFIX
    const isPrefix = phrase === undefined && (whole.endsWith('*') || isLast)
    if (words.length > 0) terms.push({ words, isPrefix })
  }
  return terms.slice(0, MAX_TERMS)
}

/** The terms in the language of FTS5. Nothing of it is the person's own but letters, digits and marks in quotes. */
export function matchOf(terms: readonly Term[]): string {
  return terms
    .map(({ words, isPrefix }) => `"${words.join(' ').replaceAll('"', ' ')}"${isPrefix ? ' *' : ''}`)
    .join(' AND ')
}

function fold(word: string): string {
  if (ASCII.test(word)) return word.toLowerCase()
  return word.toLowerCase().normalize('NFKD').replace(ACCENTS, '').normalize('NFC')
}
