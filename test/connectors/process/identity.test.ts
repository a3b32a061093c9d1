import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  isSameProcess,
  isTakenByAnother,
  parseStat,
  readStartToken,
} from '../../../src/base/process-identity.ts'
import { killGroup, signalProcess } from '../../../src/connectors/process/signal.ts'
import { heard, startProgram } from './children.ts'

test('[PRC1] a process keeps its start token, and two processes have different ones', async () => {
  const child = await startProgram('deaf-to-sigterm.mjs')
  expect(await readStartToken(child.pid)).toBe(child.startToken)
  expect(await readStartToken(process.pid)).not.toBe(child.startToken)
  expect(await isSameProcess(child.pid, child.startToken)).toBe(true)
  expect(await isSameProcess(process.pid, child.startToken)).toBe(false)
})

test('[PRC1] a process that ended is not the same any more', async () => {
  const child = await startProgram('half-a-line.mjs')
  child.stdout.resume()
  await child.exited
  expect(await isSameProcess(child.pid, child.startToken)).toBe(false)
  expect(await readStartToken(child.pid)).toBe(null)
  expect(await isTakenByAnother(child)).toBe(false)
})

test('[PRC1] the start time is found behind whatever a program calls itself', () => {
  const fields = Array.from({ length: 49 }, (_, at) => String(at + 4))
  fc.assert(
    fc.property(fc.string(), (name) => {
      expect(parseStat(`77 (${name}) S ${fields.join(' ')}\n`)).toMatchObject({
        startTicks: '22',
        isZombie: false,
      })
    }),
  )
})

test('[PRC1] a zombie counts as dead', () => {
  const fields = Array.from({ length: 49 }, (_, at) => String(at + 4))
  expect(parseStat(`77 (codex) Z ${fields.join(' ')}`)).toMatchObject({ startTicks: '22', isZombie: true })
  expect(parseStat('')).toBe(null)
})

test.each([0, 1, -1, 1.5, Number.NaN])('[PRC2] %s is no pid of ours and is never signalled', async (pid) => {
  expect(await readStartToken(pid)).toBe(null)
  expect(await signalProcess({ pid, startToken: '' }, 'SIGTERM')).toBe(false)
})

test('[PRC2] a pid whose start token differs is never signalled, nor its group', async () => {
  const child = await startProgram('finishes-turn.mjs')
  expect(await heard(child)).toBe('ready')
  const stranger = { pid: child.pid, startToken: `${child.startToken}0` }
  expect(await signalProcess(stranger, 'SIGKILL')).toBe(false)
  await killGroup(stranger)
  // It would be dead by now and could not tell of this signal.
  expect(await signalProcess(child, 'SIGTERM')).toBe(true)
  expect(await heard(child)).toBe('SIGTERM 1')
})
