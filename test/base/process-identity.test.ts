import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { isSameProcess, parseLinuxStat, readStartToken } from '../../src/base/process-identity.ts'

test('[STO1] a process keeps its start token and is told from every other one', async () => {
  const own = await readStartToken(process.pid)
  expect(own).not.toBeNull()
  expect(await readStartToken(process.pid)).toBe(own)
  expect(await isSameProcess(process.pid, String(own))).toBe(true)
  expect(await isSameProcess(process.pid, `${own}0`)).toBe(false)
})

test('[STO1] a dead process has no start token', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: 'pipe' })
  await once(child, 'spawn')
  const pid = Number(child.pid)
  const token = await readStartToken(pid)
  expect(token).not.toBeNull()
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(await readStartToken(pid)).toBeNull()
  expect(await isSameProcess(pid, String(token))).toBe(false)
})

test('[STO1] a zombie counts as dead and a command name with parentheses misleads nobody', () => {
  const rest = '1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 987654 20'
  expect(parseLinuxStat(`42 (a) S 1 (b)) S ${rest}`)).toBe('987654')
  expect(parseLinuxStat(`42 (node) Z ${rest}`)).toBeNull()
})
