import { expect, test } from 'vitest'
import { judge } from '../../../src/connectors/rollout/liveness.ts'
import { newParserState } from '../../../src/connectors/rollout/parser-state.ts'
import { loseTurn } from '../../../src/connectors/rollout/turns.ts'
import { findHolders, type WriterLock } from '../../../src/connectors/rollout/writer-lock.ts'
import { event, itemsOf, parseText, response } from './rollouts.ts'

const HELD: WriterLock = { state: 'held', holder: null }
const FREE: WriterLock = { state: 'free' }
const UNKNOWN: WriterLock = { state: 'unknown' }
const MINUTE = 60_000
const start = event('task_started', { turn_id: 't1' })
const call = response('function_call', { name: 'exec_command', call_id: 'c1', arguments: '{"cmd":"make"}' })
const prompt = event('user_message', { message: 'go' })
const answer = event('agent_message', { message: 'done' })

function judged(text: string, lock: WriterLock, quietMs: number): string {
  const parser = newParserState()
  parseText(text, parser)
  const { state, since, sentence } = judge({ parser, grewAt: 1_000, lock, now: 1_000 + quietMs })
  expect(since).toBe(1_000)
  return `${state}: ${sentence}`
}

test.each<[string, string, WriterLock, number, string]>([
  ['an open turn that grows', start, HELD, 1_000, 'working: Working.'],
  ['an open turn in silence', start, HELD, 5 * MINUTE, 'silent: Silent for 5 min.'],
  [
    'a call without output',
    start + call,
    HELD,
    30 * MINUTE,
    'waiting: A tool is running, or it waits for approval in its own terminal.',
  ],
  ['a finished turn', start + event('task_complete', { turn_id: 't1' }), HELD, 9 * MINUTE, 'idle: Finished.'],
  ['a finished turn, nobody there', start + event('task_complete'), FREE, 3 * MINUTE, 'ended: Finished.'],
  ['a finished turn, just let go', start + event('task_complete'), FREE, MINUTE, 'idle: Finished.'],
  [
    'an aborted turn',
    start + event('turn_aborted', { reason: 'interrupted' }),
    FREE,
    1,
    'idle: Interrupted.',
  ],
  ['a failed turn', start + event('task_complete', { error: { message: 'x' } }), FREE, 1, 'idle: Failed.'],
  [
    'an open turn, nobody there',
    start + call,
    FREE,
    3 * MINUTE,
    'ended: Its process is gone; the last turn was cut short.',
  ],
  [
    'an open call where the system does not tell',
    start + call,
    UNKNOWN,
    60 * MINUTE,
    'waiting: A tool is running, or it waits for approval in its own terminal.',
  ],
  ['an inferred turn just answered', prompt + answer, HELD, 1_000, 'working: Working.'],
  ['an inferred turn answered a while ago', prompt + answer, HELD, 11_000, 'idle: Finished.'],
  [
    'an inferred turn where the system does not tell',
    prompt + answer,
    UNKNOWN,
    3 * MINUTE,
    'ended: Finished.',
  ],
  ['nothing at all', '', HELD, 1, 'idle: Nothing has been asked yet.'],
])('[ROL23] %s is called what it is', (_what, text, lock, quietMs, expected) => {
  expect(judged(text, lock, quietMs)).toBe(expected)
})

test('[ROL24] a turn taken for lost is interrupted with the reason, and goes on when the file grows', () => {
  const parser = newParserState()
  parseText(start + call, parser)
  const lost = loseTurn(parser)
  expect(itemsOf(lost)).toMatchObject([{ id: 'c1', status: 'interrupted' }])
  expect(lost.filter((each) => each.type === 'turnCompleted')).toMatchObject([
    {
      turn: {
        id: 't1',
        status: 'interrupted',
        error: { message: 'The process that ran this turn is gone.', code: 'processGone' },
      },
    },
  ])
  const item = { type: 'AgentMessage', id: 'm1', content: [{ type: 'Text', text: 'late' }] }
  const back = parseText(event('item_completed', { turn_id: 't1', item }), parser)
  expect(back.map((each) => each.type)).toEqual(['status', 'turnStarted', 'item'])
  const end = parseText(event('task_complete', { turn_id: 't1' }), parser)
  expect(end).toMatchObject([
    { type: 'turnCompleted', turn: { id: 't1', status: 'completed', error: null } },
    { type: 'status', status: 'idle' },
  ])
})

test('[ROL25] the holder of a lock is read from the kernel, and those who wait for it are not it', () => {
  const locks = [
    '1: POSIX  ADVISORY  READ 29845 fe:00:2187606 128 128',
    '2: FLOCK  ADVISORY  WRITE 41 fe:00:77 0 EOF',
    '2: -> FLOCK  ADVISORY  WRITE 42 fe:00:77 0 EOF',
    '3: FLOCK  ADVISORY  WRITE 43 00:2a:77 0 EOF',
    '4: FLOCK  ADVISORY  WRITE 44 fe:00:770 0 EOF',
    '5: FLOCK  ADVISORY  READ 45 fe:00:77 0 EOF',
  ].join('\n')
  expect(findHolders(locks, 77n)).toEqual([
    { pid: 41, device: 'fe:00' },
    { pid: 43, device: '00:2a' },
  ])
  expect(findHolders('', 77n)).toEqual([])
})
