import { expect, it } from 'vitest'
import { Printer } from '../../src/cli/watch/printer.ts'
import type { Item } from '../../src/protocol/item.ts'
import type { SessionState } from '../../src/protocol/session-state.ts'

const TURN = { id: 't1', seq: 0, status: 'inProgress', error: null }

function stateOf(items: readonly Partial<Item>[], turn: object = TURN): SessionState {
  const state = {
    summary: { cwd: '/project', problem: null },
    turns: [turn],
    items: items.map((item, seq) => ({ id: `i${seq}`, turnId: 't1', seq, status: 'inProgress', ...item })),
    approvals: [],
  }
  return state as unknown as SessionState
}

const message = (text: string, status: Item['status'] = 'inProgress'): Partial<Item> => ({
  type: 'agentMessage',
  status,
  body: { text },
})
const command = (output: string, rest: object = {}): Partial<Item> => ({
  type: 'commandExecution',
  body: { command: 'ls', aggregatedOutput: output },
  ...rest,
})

function printer(json = false): {
  show: (...args: Parameters<typeof stateOf>) => void
  printed: () => string
} {
  let printed = ''
  const write = (text: string): void => {
    printed += text
  }
  const own = new Printer({ json, sessionId: 'ses_1', write })
  return { show: (...args) => own.show(stateOf(...args)), printed: () => printed }
}

it('[CLI1] texts grow where they stand, and each thing is told once', () => {
  const { show, printed } = printer()
  show([message('I ')])
  show([message('I look.')])
  show([message('I look.', 'completed'), command('')])
  show([message('I look.', 'completed'), command('a\nb')])
  show([message('I look.', 'completed'), command('a\nbc\n')])
  const done = {
    status: 'completed' as const,
    body: { command: 'ls', aggregatedOutput: 'a\nbc\nd', exitCode: 0 },
  }
  show([message('I look.', 'completed'), command('', done), message('Done.')])
  expect(printed()).toBe('I look.\n$ ls\n  a\n  bc\n  d\n  exit 0\nDone.')
})

it('[CLI1] a plan is told as it comes, with how to decide about it, and a compaction when it begins and ends', () => {
  const { show, printed } = printer()
  const plan = (text: string, status: Item['status']) => ({ type: 'plan', status, body: { text } })
  const compaction = (status: Item['status']) => ({ type: 'contextCompaction', status, body: {} })
  show([plan('# Plan', 'inProgress')])
  show([plan('# Plan\n- one', 'completed'), compaction('inProgress')])
  show([plan('# Plan\n- one', 'completed'), compaction('completed')])
  expect(printed()).toBe(
    '# Plan\n- one\n  codex-hub plan ses_1 --accept, or --refuse "…"\n' +
      '… makes room in its context\n… made room in its context\n',
  )
})

it('[CLI14] a text that came back with what was missing is told again, whole', () => {
  const { show, printed } = printer()
  show([message('one two ')])
  show([message('one two five')])
  show([message('one two three four five', 'completed')])
  expect(printed()).toBe('one two five\n(again, with what was missing:)\none two three four five')
  const program = printer(true)
  program.show([message('one five')])
  program.show([message('one two five')])
  expect(
    program
      .printed()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([
    { append: { itemId: 'i0', field: 'text', text: 'one five' } },
    { append: { itemId: 'i0', field: 'text', text: 'one two five', replace: true } },
  ])
})

it('[CLI5] whatever an item holds, it is printed harmlessly', () => {
  const { show, printed } = printer()
  const items = [
    {
      type: 'userMessage',
      status: 'completed',
      body: { content: [{ type: 'image' }, { text: 'a\u001b[2Jb' }] },
    },
    { type: 'fileChange', status: 'failed', body: { changes: [{ path: '/project/a\u0007.ts' }, null] } },
    { type: 'reasoning', status: 'completed', body: { summary: [] } },
    { type: 'brand\u001b[31mNew', status: 'completed', body: {} },
    { type: 'commandExecution', status: 'declined', body: { command: 'ls \u001b]0;x\u0007' } },
  ] as unknown as Partial<Item>[]
  show(items, { ...TURN, status: 'failed', error: { message: 'broken\u001b[0m\nhere', code: null } })
  expect(printed()).toBe(
    [
      '> [image] ab',
      '✎ a.ts, failed',
      '… thinking',
      '[brandNew]',
      '$ ls \\u{1b}]0;x\\u{7}',
      '  declined',
      'turn failed: broken here',
      '',
    ].join('\n'),
  )
})
