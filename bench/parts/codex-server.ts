/** Codex's own WebSocket server on a home of its own: what the hub is compared with. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Script } from '../../src/demo/scripted-model.ts'
import { type CodexHome, makeCodexHome } from '../../test/harness/codex-home.ts'
import { locateTestCodex } from '../../test/harness/test-codex.ts'
import { firstLine } from './first-line.ts'
import { instant } from './instant.ts'
import { killAtExit } from './kill-at-exit.ts'

export interface CodexServer {
  readonly url: string
  readonly pid: number
  /** When it was started, by `instant`. */
  readonly spawnedAt: number
  readonly codex: CodexHome
  close(): Promise<void>
}

/** @param shared a home that others use as well and that outlives the server */
export async function startCodexServer(script: Script, shared?: CodexHome): Promise<CodexServer> {
  const codex = shared ?? (await makeCodexHome({ script }))
  const { path } = await locateTestCodex()
  const spawnedAt = instant()
  const child: ChildProcess = spawn(path, ['app-server', '--listen', 'ws://127.0.0.1:0'], {
    env: { ...process.env, CODEX_HOME: codex.home },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  killAtExit(child)
  const line = await firstLine(child, (each) => each.includes('listening on:'))
  return {
    url: /ws:\S+/.exec(line)?.[0] ?? '',
    pid: child.pid ?? 0,
    spawnedAt,
    codex,
    async close() {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
      if (!shared) await codex.close()
    },
  }
}
