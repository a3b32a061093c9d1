import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readStartToken } from '../../../src/base/process-identity.ts'
import { spawnPipedChild, spawnSocketChild } from '../../../src/connectors/process/spawn-child.ts'
import { fixture } from '../../harness/programs.ts'
import { until, untilGone } from '../../harness/until.ts'
import { endLater, heard, startProgram } from './children.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prc-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('[PRC3] the exit is told with code and signal', async () => {
  const dies = await startProgram('dies-mid-turn.mjs', '7')
  dies.stdout.resume()
  dies.stdin.write('\n')
  expect(await dies.exited).toEqual({ code: 7, signal: null })
  expect(dies.exit).toEqual({ code: 7, signal: null })

  const deaf = await startProgram('deaf-to-sigterm.mjs')
  expect(deaf.exit).toBe(null)
  process.kill(deaf.pid, 'SIGKILL')
  expect(await deaf.exited).toEqual({ code: null, signal: 'SIGKILL' })
})

test('[PRC3] a child that ends at once has an identity and an exit all the same', async () => {
  const child = await spawnPipedChild({ command: '/bin/true', args: [], cwd: '/' })
  expect(child.startToken).toMatch(/^\d+@/)
  expect(await child.exited).toEqual({ code: 0, signal: null })
})

test('[PRC4] a program that cannot be started is a typed error with the reason', async () => {
  const notExecutable = join(folder, 'text')
  writeFileSync(notExecutable, 'text')
  const attempts = [
    { command: join(folder, 'missing'), cwd: folder, code: 'ENOENT' },
    { command: notExecutable, cwd: folder, code: 'EACCES' },
    { command: process.execPath, cwd: join(folder, 'nowhere'), code: 'ENOENT' },
  ]
  for (const { command, cwd, code } of attempts) {
    const expected = { name: 'ConnectorError', fault: 'spawnFailed', facts: { command, code } }
    await expect(spawnPipedChild({ command, cwd, args: [] })).rejects.toMatchObject(expected)
    const logPath = join(folder, 'log')
    await expect(spawnSocketChild({ command, cwd, args: [], logPath })).rejects.toMatchObject(expected)
  }
  await expect(
    spawnPipedChild({ command: process.execPath, cwd: folder, args: ['nul\0'] }),
  ).rejects.toMatchObject({ fault: 'spawnFailed' })
  await expect(
    spawnSocketChild({ command: '/bin/true', cwd: '/', args: [], logPath: join(folder, 'no', 'log') }),
  ).rejects.toMatchObject({ fault: 'spawnFailed', facts: { code: 'ENOENT' } })
})

test('[PRC5] a flooded stderr blocks nothing; its last 32 KiB are kept, without colours', async () => {
  const child = await startProgram('floods-stderr.mjs')
  child.stdout.resume()
  await child.exited
  await until(() => child.stderrTail().endsWith('last words\n'))
  const tail = child.stderrTail()
  expect(tail).toMatch(/\{"id":0,"result":"ünsinn"\}\nlast words\n$/)
  expect(tail).not.toContain('\u001B[')
  expect(Buffer.byteLength(tail)).toBeLessThanOrEqual(32 * 1024)
  expect(Buffer.byteLength(tail)).toBeGreaterThan(20 * 1024)
})

test('[PRC5] a socket child writes to its own file, readable by this user only', async () => {
  const logPath = join(folder, 'child.log')
  const args = [fixture('floods-stderr.mjs')]
  const child = endLater(await spawnSocketChild({ command: process.execPath, args, cwd: '/', logPath }))
  child.release()
  expect(await child.exited).toEqual({ code: 0, signal: null })
  expect(child.stderrTail()).toMatch(/last words\n\{"method":"ready"\}\n$/)
  expect(statSync(logPath).mode & 0o777).toBe(0o600)
})

test('[PRC6] a child leads its own session and group', async () => {
  const piped = await startProgram('deaf-to-sigterm.mjs')
  const args = [fixture('deaf-to-sigterm.mjs')]
  const logPath = join(folder, 'child.log')
  const socket = endLater(await spawnSocketChild({ command: process.execPath, args, cwd: '/', logPath }))
  for (const { pid } of [piped, socket]) {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    expect({ group: Number(stat[2]), session: Number(stat[3]) }).toEqual({ group: pid, session: pid })
  }
})

test('[PRC17] a socket child begins when it is let go, and ends with a hub that dies before', async () => {
  const logPath = join(folder, 'child.log')
  const args = [fixture('floods-stderr.mjs')]
  const child = endLater(await spawnSocketChild({ command: process.execPath, args, cwd: '/', logPath }))
  expect(readFileSync(`/proc/${child.pid}/cmdline`, 'utf8').split('\0')[0]).toBe('/bin/sh')
  child.release()
  expect(await child.exited).toEqual({ code: 0, signal: null })
  expect(child.stderrTail()).toContain('last words')

  const hub = await startProgram('dies-before-release.ts', folder)
  const held = endLater(JSON.parse(await heard(hub)) as { pid: number; startToken: string })
  process.kill(hub.pid, 'SIGKILL')
  await untilGone(held)
  expect(readFileSync(join(folder, 'held.log'), 'utf8')).toBe('')
})

test('[PRC7] what a child leaves in its group when it ends is killed', async () => {
  const child = await startProgram('leaves-grandchild.mjs')
  const { pid } = JSON.parse(await heard(child)).params
  const startToken = await readStartToken(pid)
  await child.exited
  if (startToken !== null) await untilGone({ pid, startToken })
  expect(await readStartToken(pid)).toBe(null)
})

test('[PRC8] the environment is the hub’s own with what is added and taken away', async () => {
  const child = await spawnPipedChild({
    command: process.execPath,
    args: ['-p', 'JSON.stringify([process.env.ADDED, process.env.HOME, !!process.env.PATH, process.cwd()])'],
    cwd: '/',
    env: { ADDED: 'yes', HOME: undefined },
  })
  expect(JSON.parse(await heard(endLater(child)))).toEqual(['yes', null, true, '/'])
})

test('[PRC9] writing to a child that has died is never uncaught', async () => {
  const child = await startProgram('half-a-line.mjs')
  child.stdout.resume()
  await child.exited
  const written = new Promise((resolve) => child.stdin.write('x', resolve))
  expect(await written).toBeInstanceOf(Error)
})
