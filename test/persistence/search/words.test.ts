import fc from 'fast-check'
import { expect, test } from 'vitest'
import { snippetOf } from '../../../src/persistence/search/snippet.ts'
import { indexedText, matchOf, readTerms, wordsOf } from '../../../src/persistence/search/words.ts'

const marked = (text: string, query: string) => {
  const snippet = snippetOf(text, readTerms(query))
  return snippet.marks.map(({ start, end }) => snippet.text.slice(start, end))
}

test('[FTS1] a query is words, phrases in quotes and beginnings; the last word may be unfinished', () => {
  expect(matchOf(readTerms('retry "writer lock" back* poli'))).toBe(
    '"retry" AND "writer lock" AND "back" * AND "poli" *',
  )
  // Two letters begin half of all words.
  expect(matchOf(readTerms('to do'))).toBe('"to" AND "do"')
  expect(matchOf(readTerms('src/read-me.ts'))).toBe('"src read me ts"')
  expect(matchOf(readTerms('"unfinished phrase'))).toBe('"unfinished phrase"')
})

test('[FTS2] case, accents, width and composition of letters make no difference', () => {
  expect(matchOf(readTerms('ÉCOLE Ｃａｆｅ́ x'))).toBe('"ecole" AND "cafe" AND "x"')
  expect(indexedText('École, CAFÉ')).toBe('ecole cafe ')
  expect(marked('Die Größe der Ｃａｆé', 'größe cafe')).toEqual(['Größe', 'Ｃａｆé'])
})

test('[FTS3] scripts without spaces are found by any part of a run', () => {
  expect(indexedText('修复登录错误 now')).toBe('修 复 登 录 错 误 now ')
  expect(matchOf(readTerms('登录'))).toBe('"登 录"')
  expect(marked('请修复登录错误。', '登录')).toEqual(['登录'])
  expect(marked('로그인을 고쳐', '로그인')).toEqual(['로그인'])
  expect(marked('แก้ไขการเข้าสู่ระบบ', 'การ')).toEqual(['การ'])
})

test('[FTS4] what has no letter or digit in it asks for nothing', () => {
  for (const query of [
    '',
    ' ',
    '"',
    '""',
    '***',
    '-- ; --',
    '🎉',
    '👩‍👩‍👧',
    '\u0000',
    '\ud800',
    '。、',
    '\u0301',
  ])
    expect(readTerms(query), query).toEqual([])
})

test('[FTS5] a snippet holds the part with most of what was searched for, and marks it by place', () => {
  const text = `${'alpha '.repeat(99)}alpha\nthe beta\tof gamma ${'omega '.repeat(100)}`
  const { text: shown, marks } = snippetOf(text, readTerms('beta gamma'))
  expect(shown).toMatch(/^…(alpha )+the beta of gamma (omega )+omega…$/)
  expect(marks.map(({ start, end }) => shown.slice(start, end))).toEqual(['beta', 'gamma'])
  expect(shown.length).toBeLessThan(320)
  expect(snippetOf('one two', readTerms('two one'))).toEqual({
    text: 'one two',
    marks: [
      { start: 0, end: 3 },
      { start: 4, end: 7 },
    ],
  })
})

test('[FTS4] no text and no query makes anything throw, and marks lie inside their snippet', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (text, query) => {
      const terms = readTerms(query)
      expect(matchOf(terms)).toMatch(/^("[^"]+"( \*)?( AND (?="))?)*$/)
      const snippet = snippetOf(text, terms)
      for (const { start, end } of snippet.marks) {
        expect(start).toBeLessThan(end)
        expect(end).toBeLessThanOrEqual(snippet.text.length)
      }
      for (const { start, end } of wordsOf(text)) expect(end).toBeGreaterThan(start)
    }),
    { numRuns: 500 },
  )
})
