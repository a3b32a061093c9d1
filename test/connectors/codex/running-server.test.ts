import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { type Clock, systemClock } from '../../../src/base/clock.ts'
import { silentLog } from '../../../src/base/log.ts'
import { readStartToken } from '../../../src/base/process-identity.ts'
import { CapabilityCache } from '../../../src/connectors/codex/capabilities.ts'
import { joinServer } from '../../../src/connectors/codex/running-server.ts'

it('[PRC19] a process that could not be joined is looked after no longer', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'join-'))
  const socketPath = join(folder, 's')
  const http = createServer().listen(socketPath)
  const sockets = new WebSocketServer({ server: http })
  sockets.on('connection', (socket) => socket.close())
  // What looks after a process looks at it every so often.
  const looks = new Set<object>()
  const clock: Clock = {
    now: () => systemClock.now(),
    after: (ms, run) => {
      const timer = systemClock.after(ms, run)
      if (ms === 5_000) looks.add(timer)
      return {
        cancel: () => {
          looks.delete(timer)
          timer.cancel()
        },
      }
    },
  }
  const me = { pid: process.pid, startToken: (await readStartToken(process.pid)) ?? '' }
  const joined = joinServer(
    {
      ledger: { record: async () => {}, forget: () => {} },
      clock,
      log: silentLog,
      hubVersion: '0.0.0',
      hubLockPath: join(folder, 'lock'),
      capabilities: new CapabilityCache(),
      startupTimeoutMs: 5_000,
    },
    {
      ...me,
      id: 'proc_1',
      socketPath,
      sessionId: null,
      sharedBy: null,
      warden: me,
      hubId: 'hub_1',
      codexPath: '/codex',
      codexVersion: null,
      codexHome: null,
      startedAt: 0,
    },
  )
  await expect(joined).rejects.toThrow()
  expect(looks.size).toBe(0)
  sockets.close()
  http.close()
  rmSync(folder, { recursive: true, force: true })
})
