import { expect, it } from 'vitest'
import { matching } from '../../src/cli/find-session.ts'
import { ago, oneLine, safe, shortPath, shown, table } from '../../src/cli/text.ts'
import { choicesText, howToAnswer } from '../../src/cli/watch/approval-text.ts'
import type { Approval } from '../../src/protocol/approval.ts'

it('[CLI5] what an agent writes cannot drive the terminal', () => {
  expect(safe('a\u001b[31mred\u001b[0m\u0007\rb\u001b]0;title\u0007\n\tc\u009b1m')).toBe('aredb\n\tc')
  expect(safe('\u202egnp.exe')).toBe('gnp.exe')
  // A sequence that arrives in two pieces is two harmless texts.
  expect(safe('a\u001b') + safe('[2Jb')).toBe('a[2Jb')
})

it('[CLI5] what a person decides on is shown whole: nothing in it can hide', () => {
  expect(shown('echo hi \u001b]0;rm -rf ~\u0007\r\u202e\nls')).toBe(
    'echo hi \\u{1b}]0;rm -rf ~\\u{7}\\u{d}\\u{202e}⏎ ls',
  )
  const approval = {
    id: 'a1',
    kind: 'command',
    title: 'rm -rf /\u001b[2K\u001b[1Gls',
    reason: 'to \u009b2Jlook',
    choices: [{ id: 'accept', label: 'Allow\u0007', effect: 'allow', scope: 'once', needs: null }],
    params: {},
  } as unknown as Approval
  expect(choicesText(approval)).toBe(
    '? rm -rf /\\u{1b}[2K\\u{1b}[1Gls  a1\n  to \\u{9b}2Jlook\n    accept  Allow\\u{7}',
  )
})

it('[CLI9] a question is shown with its ids and choices, whatever shape the rest has', () => {
  const questions = [
    { id: 'colour', question: 'Which?', options: [{ label: 'Red' }, { label: 'Blue' }] },
    { id: 'why', question: 'And why?', options: null },
    null,
    { question: 'no id' },
  ]
  const approval = {
    id: 'a1',
    kind: 'question',
    title: 'Which? · And why?',
    reason: null,
    choices: [{ id: 'answer', label: 'Answer', effect: 'allow', scope: 'once', needs: 'answers' }],
    params: { questions },
  } as unknown as Approval
  expect(choicesText(approval)).toBe(
    '? Which? · And why?  a1\n  colour: Which? [Red | Blue]\n  why: And why?\n    answer  Answer',
  )
  expect(howToAnswer(approval, 'ses_0123456789abcdef')).toBe(
    '  codex-hub approve 89abcdef --answer "colour=Red" "why=…"',
  )
})

it('[CLI7] between several sessions nothing is guessed, and a letter names none', () => {
  const session = (id: string, title: string) => ({ id, title, threadId: `thread-${id}` })
  const one = session('ses_01a1fc320000aaaa', 'Tests')
  const two = session('ses_01a1fc329999bbbb', 'Docs')
  const three = session('ses_01a1fc32cccccccc', 'Docs')
  const all = [one, two, three]
  expect(matching(all, one.id)).toEqual([one])
  expect(matching(all, one.threadId)).toEqual([one])
  expect(matching(all, 'Tests')).toEqual([one])
  expect(matching(all, 'Docs')).toEqual([two, three])
  expect(matching(all, 'bbbb')).toEqual([two])
  expect(matching(all, '01a1fc329')).toEqual([two])
  expect(matching(all, 'ses_01a1fc32c')).toEqual([three])
  expect(matching(all, '01a1')).toEqual(all)
  for (const accident of ['', 'ses_', 'b', 'bbb', 'ests']) expect(matching(all, accident)).toEqual([])
})

it('[CLI12] tables are aligned by what is seen, and cut to fit', () => {
  expect(
    table([
      ['a', 'b'],
      ['\u001b[1mlonger\u001b[0m', 'c'],
    ]),
  ).toBe('a       b\n\u001b[1mlonger\u001b[0m  c')
  const long = [['a', '\u001b[2mmore than there is room for\u001b[0m']]
  expect(table(long, 'cut', 19)).toBe('a  \u001b[2mmore than there…\u001b[0m')
  expect(table(long, 'cut')).toBe(table(long))
  expect(oneLine('one\n two   three', 9)).toBe('one two …')
  expect(shortPath('/a/very/long/path', 8)).toBe('…ng/path')
  expect([5, 65, 3_700, 90_000].map((seconds) => ago(0, seconds * 1_000))).toEqual(['5s', '1m', '1h', '1d'])
})
