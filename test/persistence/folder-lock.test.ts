import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { readStartToken } from '../../src/base/process-identity.ts'
import { lockFolder } from '../../src/persistence/folder-lock.ts'
import { makeFolder } from './folder.ts'

const PROGRAM = new URL('../fixtures/programs/locks-folder.ts', import.meta.url).pathname

async function startHub(folder: string) {
  const child: ChildProcessWithoutNullStreams = spawn(process.execPath, [PROGRAM, folder])
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const heard = async () => JSON.parse((await lines.next()).value ?? 'null') as Record<string, unknown>
  expect(await heard()).toEqual({ ready: child.pid })
  return {
    pid: Number(child.pid),
    lock() {
      child.stdin.write('go\n')
      return heard()
    },
    async kill() {
      const exit = once(child, 'exit')
      child.kill('SIGKILL')
      await exit
    },
  }
}

test('[STO1] a second hub on the same folder is refused with the pid of the first', async () => {
  const folder = await makeFolder()
  const first = await startHub(folder)
  expect(await first.lock()).toEqual({ locked: first.pid })
  await expect(lockFolder({ folder, hubId: 'hub_2' })).rejects.toMatchObject({
    name: 'StoreError',
    fault: 'folderLocked',
    message: `Another hub (process ${first.pid}) uses the data folder ${folder}. Stop it, or start this one on another folder.`,
    facts: { folder, pid: first.pid },
  })
  await first.kill()
  await (await lockFolder({ folder, hubId: 'hub_2' })).release()
})

test('[STO1] the lock says who has the folder, is private, and is gone when it is given back', async () => {
  const folder = await makeFolder()
  const lock = await lockFolder({ folder, hubId: 'hub_1' })
  expect(JSON.parse(await readFile(lock.path, 'utf8'))).toEqual({
    pid: process.pid,
    startToken: await readStartToken(process.pid),
    hubId: 'hub_1',
    lockId: expect.any(String),
  })
  expect((await stat(lock.path)).mode & 0o777).toBe(0o600)
  await lock.release()
  expect(await readdir(folder)).toEqual([])
})

test('[STO1] a lock that is not ours any more is not given back', async () => {
  const folder = await makeFolder()
  const lock = await lockFolder({ folder, hubId: 'hub_1' })
  await writeFile(lock.path, 'of somebody else')
  await lock.release()
  expect(await readFile(lock.path, 'utf8')).toBe('of somebody else')
})

test.each([
  ['a dead process', JSON.stringify({ pid: 2 ** 22 - 1, startToken: '1@boot', hubId: 'h' })],
  ['a process that has the pid by chance', JSON.stringify({ pid: process.ppid, startToken: '1@x' })],
  ['a power failure', ''],
  ['something else', '[1]'],
])('[STO17] what %s left is taken over', async (_who, content) => {
  const folder = await makeFolder()
  await writeFile(join(folder, 'hub.lock'), content)
  const lock = await lockFolder({ folder, hubId: 'hub_1' })
  expect(await readdir(folder)).toEqual(['hub.lock'])
  await lock.release()
})

test('[STO17] who died while taking over is taken over from as well', async () => {
  const folder = await makeFolder()
  const dead = JSON.stringify({ pid: 2 ** 22 - 1, startToken: '1@boot' })
  await writeFile(join(folder, 'hub.lock'), dead)
  // SHA-256 of the stale lock, as its remover would have named the right.
  const right = createHash('sha256').update(dead).digest('hex').slice(0, 16)
  await writeFile(join(folder, `hub.lock.${right}`), dead)
  await (await lockFolder({ folder, hubId: 'hub_1' })).release()
  expect(await readdir(folder)).toEqual([])
})

test('[STO17] of several hubs that find the same stale lock exactly one gets the folder', async () => {
  const folder = await makeFolder()
  await writeFile(join(folder, 'hub.lock'), JSON.stringify({ pid: 2 ** 22 - 1, startToken: '1@boot' }))
  for (let round = 0; round < 5; round += 1) {
    const hubs = await Promise.all(Array.from({ length: 5 }, () => startHub(folder)))
    const answers = await Promise.all(hubs.map((hub) => hub.lock()))
    const [winner] = answers.filter((answer) => 'locked' in answer)
    expect(answers.filter((answer) => !('locked' in answer))).toEqual(
      Array(4).fill({ refused: 'folderLocked', by: winner?.locked }),
    )
    // Killed, they leave the next round its stale lock.
    await Promise.all(hubs.map((hub) => hub.kill()))
  }
  expect(await readdir(folder)).toEqual(['hub.lock'])
})
