import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Identity, isSameProcess, readStartToken } from '../../../src/base/process-identity.ts'
import type { PipedChild } from '../../../src/connectors/process/spawn-child.ts'
import { startWarden } from '../../../src/connectors/process/warden.ts'
import { fixture } from '../../harness/programs.ts'
import { until, untilGone } from '../../harness/until.ts'
import { endLater, heard, startProgram } from './children.ts'

interface Household {
  readonly folder: string
  readonly hub: PipedChild
  readonly child: Identity
  readonly warden: Identity
}

const folders: string[] = []

beforeEach(() => {
  folders.length = 0
})

afterEach(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "prc it's "))
  folders.push(folder)
  return folder
}

async function startHousehold(graceMs: number, program: string, ...args: string[]): Promise<Household> {
  const folder = newFolder()
  const hub = await startProgram('plays-hub.ts', folder, String(graceMs), fixture(program), ...args)
  const { child, warden } = JSON.parse(await heard(hub)) as { child: Identity; warden: Identity }
  await until(() => readLog(folder).endsWith('\n'))
  return { folder, hub, child: endLater(child), warden: endLater(warden) }
}

function readLog(folder: string): string {
  return readFileSync(join(folder, 'child.log'), 'utf8')
}

function kill(hub: Identity): Promise<void> {
  process.kill(hub.pid, 'SIGKILL')
  return untilGone(hub)
}

test('[PRC11] a child whose hub was killed ends by itself after the grace, and its running turn comes first', async () => {
  const { folder, hub, child, warden } = await startHousehold(300, 'finishes-turn.mjs', '100')
  await kill(hub)
  expect(await isSameProcess(child.pid, child.startToken)).toBe(true)
  expect(await isSameProcess(warden.pid, warden.startToken)).toBe(true)
  await untilGone(child)
  await untilGone(warden)
  expect(readLog(folder)).toBe('ready\nSIGTERM 1\n')
})

test('[PRC11] a turn that does not end is given up, and a deaf child is killed', async () => {
  const endless = await startHousehold(200, 'finishes-turn.mjs')
  const deaf = await startHousehold(200, 'deaf-to-sigterm.mjs')
  await Promise.all([kill(endless.hub), kill(deaf.hub)])
  await Promise.all([endless.child, endless.warden, deaf.child, deaf.warden].map(untilGone))
  expect(readLog(endless.folder)).toBe('ready\nSIGTERM 1\nSIGTERM 2\n')
})

test('[PRC12] with a hub that came back within the grace the child stays', async () => {
  const kept = await startHousehold(1000, 'finishes-turn.mjs', '0')
  // Loses its hub at the same moment and has twice the grace: its end is the proof that the other's grace is over.
  const lost = await startHousehold(2000, 'finishes-turn.mjs', '0')
  await Promise.all([kill(kept.hub), kill(lost.hub)])
  const lock = { hubId: 'hub_2', startToken: await readStartToken(process.pid), pid: process.pid }
  writeFileSync(join(kept.folder, 'hub.lock'), `${JSON.stringify(lock, null, 2)}\n`)
  await untilGone(lost.child)
  expect(readLog(kept.folder)).toBe('ready\n')
  expect(await isSameProcess(kept.child.pid, kept.child.startToken)).toBe(true)
  expect(await isSameProcess(kept.warden.pid, kept.warden.startToken)).toBe(true)
})

test('[PRC12] a stranger under the pid in the lock is no hub', async () => {
  const { folder, hub, child } = await startHousehold(200, 'finishes-turn.mjs', '0')
  await kill(hub)
  writeFileSync(join(folder, 'hub.lock'), JSON.stringify({ pid: process.pid, startToken: hub.startToken }))
  await untilGone(child)
  expect(readLog(folder)).toBe('ready\nSIGTERM 1\n')
})

test('[PRC12] a lock that is missing, empty or torn is no hub', async () => {
  for (const lock of [null, '', '{"pid":', `{"pid":${process.pid}}`]) {
    const { folder, hub, child } = await startHousehold(200, 'finishes-turn.mjs', '0')
    await kill(hub)
    if (lock === null) rmSync(join(folder, 'hub.lock'))
    else writeFileSync(join(folder, 'hub.lock'), lock)
    await untilGone(child)
    expect(readLog(folder)).toBe('ready\nSIGTERM 1\n')
  }
})

test('[PRC13] a warden ends with its child and kills what that left in its group, no hub being there to do it', async () => {
  const { folder, hub, child, warden } = await startHousehold(60_000, 'leaves-grandchild.mjs', '--stay')
  const { pid } = JSON.parse(readLog(folder)).params
  const grandchild = endLater({ pid, startToken: (await readStartToken(pid)) ?? '' })
  expect(grandchild.startToken).not.toBe('')
  await kill(hub)
  process.kill(child.pid, 'SIGKILL')
  await Promise.all([child, warden, grandchild].map(untilGone))
  expect(await readStartToken(pid)).toBe(null)
})

test('[PRC13] a warden of a pid that is another process by now ends without a signal', async () => {
  const folder = newFolder()
  const child = await startProgram('finishes-turn.mjs')
  await heard(child)
  const warden = await startWarden({
    childPid: child.pid,
    childStartToken: '1@other',
    hubLockPath: join(folder, 'hub.lock'),
    graceMs: 0,
  })
  await untilGone(warden)
  process.kill(child.pid, 'SIGTERM')
  expect(await heard(child)).toBe('SIGTERM 1')
})

test('[PRC14] the output file of a child is kept small while the child goes on writing to it', async () => {
  const { folder, child } = await startHousehold(200, 'finishes-turn.mjs')
  const logPath = join(folder, 'child.log')
  appendFileSync(logPath, `${'n'.repeat(2 * 1024 * 1024)}end\n`)
  await until(() => statSync(logPath).size < 40_000)
  process.kill(child.pid, 'SIGTERM')
  await until(() => readLog(folder).includes('SIGTERM 1'))
  expect(readLog(folder)).toMatch(/^n+end\n?SIGTERM 1\n$/)
})
