/** The part of a text in which most of what was searched for stands, and where it stands in it. Pure. */
import type { SearchMark } from '../../protocol/search.ts'
import { type Term, type Word, wordsOf } from './words.ts'

/** UTF-16 units. */
const SNIPPET_UNITS = 240
/** What stands before the first mark. */
const LEAD_UNITS = 60
/** Places beyond these change nothing about which part is best. */
const MAX_PLACES = 200

export interface Snippet {
  readonly text: string
  readonly marks: SearchMark[]
}

interface Place extends SearchMark {
  readonly term: number
}

export function snippetOf(text: string, terms: readonly Term[]): Snippet {
  const places = placesOf(text, terms)
  const from = beginOf(text, places)
  const to = endOf(text, from)
  const before = from > 0 ? '…' : ''
  // One for one, so that no mark moves.
  const shown = text.slice(from, to).replace(/\s/g, ' ')
  const shift = before.length - from
  const marks = places
    .filter(({ start, end }) => start >= from && end <= to)
    .map(({ start, end }) => ({ start: start + shift, end: end + shift }))
  return { text: `${before}${shown}${to < text.length ? '…' : ''}`, marks: joined(marks) }
}

function placesOf(text: string, terms: readonly Term[]): Place[] {
  const places: Place[] = []
  const longest = Math.max(1, ...terms.map(({ words }) => words.length))
  const window: Word[] = []
  const look = (): void => {
    terms.forEach(({ words, isPrefix }, term) => {
      const fits = words.every((word, index) => {
        const there = window[index]?.text
        return isPrefix && index === words.length - 1 ? there?.startsWith(word) : there === word
      })
      const [first, last] = [window[0], window[words.length - 1]]
      if (fits && first && last) places.push({ term, start: first.start, end: last.end })
    })
    window.shift()
  }
  for (const word of wordsOf(text)) {
    window.push(word)
    if (window.length === longest) look()
    if (places.length >= MAX_PLACES) return places
  }
  while (window.length > 0) look()
  return places
}

/** Where a snippet begins that shows most terms; of equals the first. */
function beginOf(text: string, places: readonly Place[]): number {
  let best = { start: 0, terms: 0 }
  for (const { start } of places) {
    const inside = places.filter((place) => place.start >= start && place.end <= start + SNIPPET_UNITS)
    const terms = new Set(inside.map(({ term }) => term)).size
    if (terms > best.terms) best = { start, terms }
  }
  const earliest = best.start - LEAD_UNITS
  if (earliest <= 0) return 0
  const space = text.slice(earliest, best.start).search(/\s/)
  return space < 0 ? whole(text, earliest) : earliest + space + 1
}

function endOf(text: string, from: number): number {
  const latest = from + SNIPPET_UNITS + LEAD_UNITS
  if (latest >= text.length) return text.length
  const space = text.slice(latest - LEAD_UNITS, latest).search(/\s\S*$/)
  return space < 0 ? whole(text, latest) : latest - LEAD_UNITS + space
}

/** Not between the halves of a character. */
function whole(text: string, at: number): number {
  const code = text.charCodeAt(at)
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at
}

/** Marks in order, those that touch as one. */
function joined(marks: readonly SearchMark[]): SearchMark[] {
  const done: SearchMark[] = []
  for (const mark of marks.toSorted((a, b) => a.start - b.start)) {
    const last = done.at(-1)
    if (last && mark.start <= last.end) done[done.length - 1] = { ...last, end: Math.max(last.end, mark.end) }
    else done.push(mark)
  }
  return done
}
