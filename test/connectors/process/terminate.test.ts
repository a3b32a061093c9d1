import { expect, test } from 'vitest'
import { systemClock } from '../../../src/base/clock.ts'
import { type Identity, readStartToken } from '../../../src/base/process-identity.ts'
import {
  KILL_LADDER,
  socketLadder,
  stdioLadder,
  terminate,
} from '../../../src/connectors/process/terminate.ts'
import { ManualClock } from '../../harness/manual-clock.ts'
import { untilGone } from '../../harness/until.ts'
import { endLater, heard, startProgram } from './children.ts'

/** What an earlier hub would know of it: no promise of its exit. */
function bare({ pid, startToken }: Identity): Identity {
  return { pid, startToken }
}

test('[PRC10] the ladders are these', () => {
  const shape = (rungs: ReturnType<typeof socketLadder>) => rungs.map(({ name, waitMs }) => [name, waitMs])
  expect(shape(socketLadder({ finishTurnMs: 1, abandonTurnMs: 2 }))).toEqual([
    ['SIGTERM', 1],
    ['second SIGTERM', 2],
    ['SIGKILL', 5000],
  ])
  const stdin = process.stdout
  expect(shape(stdioLadder({ stdin, interrupt: async () => {}, endInputMs: 7 }))).toEqual([
    ['interrupt', 3000],
    ['stdin EOF', 7],
    ['SIGTERM', 3000],
    ['SIGKILL', 5000],
  ])
  expect(stdioLadder({ stdin })[0]?.name).toBe('stdin EOF')
})

test.each(['spawned', 'bare'])(
  '[PRC10] a %s socket child finishes its turn on the first SIGTERM',
  async (kind) => {
    const child = await startProgram('finishes-turn.mjs', '50')
    await heard(child)
    const target = kind === 'bare' ? bare(child) : child
    expect(await terminate(target, socketLadder(), systemClock)).toEqual({ kind: 'ended', by: 'SIGTERM' })
    expect(await child.exited).toEqual({ code: 0, signal: null })
  },
)

test.each(['spawned', 'bare'])(
  '[PRC10] a %s one whose turn does not end gives it up on the second',
  async (kind) => {
    const child = await startProgram('finishes-turn.mjs')
    await heard(child)
    const target = kind === 'bare' ? bare(child) : child
    const ladder = socketLadder({ finishTurnMs: 50 })
    expect(await terminate(target, ladder, systemClock)).toEqual({ kind: 'ended', by: 'second SIGTERM' })
    expect(await child.exited).toEqual({ code: 3, signal: null })
  },
)

test.each(['spawned', 'bare'])('[PRC10] a %s one that is deaf is killed', async (kind) => {
  const child = await startProgram('deaf-to-sigterm.mjs')
  await heard(child)
  const target = kind === 'bare' ? bare(child) : child
  const ladder = socketLadder({ finishTurnMs: 30, abandonTurnMs: 30 })
  expect(await terminate(target, ladder, systemClock)).toEqual({ kind: 'ended', by: 'SIGKILL' })
  expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' })
})

test('[PRC10] a stdio child is interrupted, then ends with its stdin', async () => {
  const child = await startProgram('answers-late.mjs', '1')
  const interrupt = async () => {
    child.stdin.write('{"id":0,"method":"turn/interrupt"}\n')
    await heard(child)
  }
  const ladder = stdioLadder({ stdin: child.stdin, interrupt })
  expect(await terminate(child, ladder, systemClock)).toEqual({ kind: 'ended', by: 'stdin EOF' })
  expect(await child.exited).toEqual({ code: 0, signal: null })
})

test.each([
  ['is refused', () => Promise.reject(new Error('no'))],
  [
    'throws',
    () => {
      throw new Error('no')
    },
  ],
  ['is never answered', () => new Promise(() => {})],
])('[PRC10] an interrupt that %s costs its rung and no more', async (_how, interrupt) => {
  const child = await startProgram('deaf-to-sigterm.mjs')
  await heard(child)
  const ladder = stdioLadder({
    stdin: child.stdin,
    interrupt,
    interruptMs: 20,
    endInputMs: 20,
    terminateMs: 20,
  })
  expect(await terminate(child, ladder, systemClock)).toEqual({ kind: 'ended', by: 'SIGKILL' })
})

test('[PRC10] each rung waits by the clock it was given', async () => {
  const child = await startProgram('finishes-turn.mjs')
  await heard(child)
  const clock = new ManualClock()
  const ended = terminate(child, socketLadder({ finishTurnMs: 3_600_000 }), clock)
  expect(await heard(child)).toBe('SIGTERM 1')
  clock.advance(3_599_999)
  expect(child.exit).toBe(null)
  clock.advance(1)
  expect(await ended).toEqual({ kind: 'ended', by: 'second SIGTERM' })
})

test('[PRC7] no grandchild survives the ladder', async () => {
  const child = await startProgram('leaves-grandchild.mjs', '--stay')
  const { pid } = JSON.parse(await heard(child)).params
  const grandchild = endLater({ pid, startToken: (await readStartToken(pid)) ?? '' })
  expect(grandchild.startToken).not.toBe('')
  expect(await terminate(bare(child), socketLadder(), systemClock)).toEqual({ kind: 'ended', by: 'SIGTERM' })
  await untilGone(grandchild)
  expect(await readStartToken(pid)).toBe(null)
})

test('[PRC2] the ladder touches nobody who only has the same pid', async () => {
  const child = await startProgram('finishes-turn.mjs')
  await heard(child)
  const stranger = { pid: child.pid, startToken: '1@other' }
  expect(await terminate(stranger, socketLadder(), systemClock)).toEqual({ kind: 'alreadyGone' })
  expect(await terminate(stranger, KILL_LADDER, systemClock)).toEqual({ kind: 'alreadyGone' })
  process.kill(child.pid, 'SIGTERM')
  expect(await heard(child)).toBe('SIGTERM 1')
})
