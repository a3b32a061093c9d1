import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../../src/base/clock.ts'
import type { ProcessRecord } from '../../../src/connectors/driver.ts'
import { preparePrivateFolder } from '../../../src/connectors/process/private-folder.ts'
import { logPathOf, reap, removeSocket } from '../../../src/connectors/process/reap.ts'
import { spawnPipedChild } from '../../../src/connectors/process/spawn-child.ts'
import { endLater, heard, startProgram } from './children.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prc-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

function record(facts: Partial<ProcessRecord>): ProcessRecord {
  return {
    id: 'proc_1',
    pid: 2 ** 22 + 1,
    startToken: '1@other',
    socketPath: null,
    sessionId: null,
    sharedBy: null,
    warden: null,
    hubId: 'hub_1',
    codexPath: '/usr/bin/codex',
    codexVersion: null,
    codexHome: null,
    startedAt: 0,
    ...facts,
  }
}

/** A socket file whose process is gone, as a killed child leaves it. */
async function leaveSocket(path: string): Promise<void> {
  const program = `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('listening'))`
  const child = endLater(
    await spawnPipedChild({ command: process.execPath, args: ['-e', program], cwd: '/' }),
  )
  await heard(child)
  process.kill(child.pid, 'SIGKILL')
  await child.exited
}

test('[PRC15] what an earlier hub left running is ended and its files are removed', async () => {
  const socketPath = join(folder, 's.sock')
  await leaveSocket(socketPath)
  writeFileSync(logPathOf(socketPath), 'noise')
  const child = await startProgram('finishes-turn.mjs', '0')
  await heard(child)
  const { pid, startToken } = child
  expect(await reap(record({ pid, startToken, socketPath }), systemClock)).toEqual({
    kind: 'ended',
    by: 'SIGTERM',
  })
  expect(await child.exited).toEqual({ code: 0, signal: null })
  expect([existsSync(socketPath), existsSync(logPathOf(socketPath))]).toEqual([false, false])
})

test('[PRC15] what is gone already leaves only its files to remove', async () => {
  const socketPath = join(folder, 's.sock')
  await leaveSocket(socketPath)
  expect(await reap(record({ socketPath }), systemClock)).toEqual({ kind: 'alreadyGone' })
  expect(existsSync(socketPath)).toBe(false)
})

test('[PRC15] where a killed child left a link to its socket, both are removed', async () => {
  const socketPath = join(folder, 's.sock')
  const elsewhere = join(folder, 'elsewhere')
  await leaveSocket(elsewhere)
  symlinkSync(elsewhere, socketPath)
  await reap(record({ socketPath }), systemClock)
  expect(readdirSync(folder)).toEqual([])
})

test('[PRC15] several who remove the same files at once, as a child does that ends by itself, do not fail', async () => {
  for (let round = 0; round < 50; round += 1) {
    const socketPath = join(folder, `${round}.sock`)
    symlinkSync(join(folder, 'gone'), socketPath)
    writeFileSync(logPathOf(socketPath), 'noise')
    // More than there are threads for files: some are in the middle when others are through.
    await Promise.all(Array.from({ length: 16 }, () => removeSocket(socketPath)))
  }
  expect(readdirSync(folder)).toEqual([])
})

test('[PRC15] a path in the ledger where something else lies now is left alone', async () => {
  const socketPath = join(folder, 'precious')
  writeFileSync(socketPath, 'text')
  mkdirSync(logPathOf(socketPath))
  await reap(record({ socketPath }), systemClock)
  expect([existsSync(socketPath), existsSync(logPathOf(socketPath))]).toEqual([true, true])
})

test('[PRC16] the socket folder is private, short and the same for the same data folder', async () => {
  const options = { dataFolder: join(folder, 'data'), env: { XDG_RUNTIME_DIR: folder } }
  const first = await preparePrivateFolder(options)
  expect(first).toMatch(new RegExp(`^${folder}/codex-hub-[0-9a-f]{10}$`))
  expect(await preparePrivateFolder(options)).toBe(first)
  expect(await preparePrivateFolder({ ...options, dataFolder: join(folder, 'other') })).not.toBe(first)
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(join(first, 'n'.repeat(39)), resolve))
  server.close()
})

test('[PRC16] places that are too long, links, open to others or missing are passed over, and named when none is left', async () => {
  const dataFolder = join(folder, 'data')
  const run = join(dataFolder, 'run')
  const env = { XDG_RUNTIME_DIR: join(folder, 'x'.repeat(60)) }
  const temporaryFolder = join(folder, 'missing')
  const options = { dataFolder, env, temporaryFolder }
  mkdirSync(dataFolder)

  mkdirSync(run, { mode: 0o755 })
  await expect(preparePrivateFolder(options)).rejects.toMatchObject({
    fault: 'spawnFailed',
    facts: {
      refusals: [
        expect.stringMatching(/leaves no room for a socket's name/),
        `${run}: has mode 755 and not 700`,
        expect.stringMatching(/ENOENT/),
      ],
    },
  })

  rmSync(run, { recursive: true })
  mkdirSync(join(folder, 'elsewhere'), { mode: 0o700 })
  symlinkSync(join(folder, 'elsewhere'), run)
  await expect(preparePrivateFolder(options)).rejects.toThrow(
    `${run}: is not a folder, or is a symbolic link`,
  )

  rmSync(run)
  expect(await preparePrivateFolder(options)).toBe(run)
})
