import fc from 'fast-check'
import { expect, it } from 'vitest'
import { blocksOf } from '../../src/web/session/markdown.tsx'

const LINES = [
  '',
  'words',
  '- one',
  '  more',
  '1. first',
  '```',
  '```ts',
  '~~~~',
  '> said',
  '| a | b |',
  '# head',
  '    code',
]

it('[PAG64] an answer is cut into blocks that make up the whole of it, and growing changes none but the last', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...LINES), { maxLength: 40 }), fc.nat(), (lines, cut) => {
      const text = lines.join('\n')
      const blocks = blocksOf(text)
      expect(blocks.join('\n')).toBe(text)
      // Whole lines only: what a line is may change until its end.
      const before = lines.slice(0, cut % (lines.length + 1)).join('\n')
      const settled = blocksOf(before).slice(0, -1)
      expect(blocks.slice(0, settled.length)).toEqual(settled)
    }),
  )
})

it('[PAG64] what belongs together stays in one block: a list, fenced code with blank lines, a text with link definitions', () => {
  const list = '1. one\n\n2. two\n\n   more of two'
  const code = '```ts\nconst a = 1\n\nconst b = 2\n```'
  expect(blocksOf(`Before.\n\n${list}\n\nAfter.\n\n${code}\n\nThe end.`)).toEqual([
    `Before.\n\n${list}\n`,
    'After.\n\n'.slice(0, -1),
    `${code}\n`,
    'The end.',
  ])
  const linked = 'See [it][1].\n\nMore.\n\n[1]: https://example.com'
  expect(blocksOf(linked)).toEqual([linked])
})
