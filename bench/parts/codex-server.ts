/** Codex's own WebSocket server on a home of its own: what the hub is compared with. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Script } from '../../src/demo/scripted-model.ts'
import { type CodexHome, makeCodexHome } from '../../test/harness/codex-home.ts'
import { locateTestCodex } from '../../test/harness/test-codex.ts'
import { firstLine } from './first-line.ts'

export interface CodexServer {
  readonly url: string
  readonly pid: number
  readonly codex: CodexHome
  close(): Promise<void>
}

export async function startCodexServer(script: Script): Promise<CodexServer> {
  const codex = await makeCodexHome({ script })
  const { path } = await locateTestCodex()
  const child: ChildProcess = spawn(path, ['app-server', '--listen', 'ws://127.0.0.1:0'], {
    env: { ...process.env, CODEX_HOME: codex.home },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const line = await firstLine(child, (each) => each.includes('listening on:'))
  return {
    url: /ws:\S+/.exec(line)?.[0] ?? '',
    pid: child.pid ?? 0,
    codex,
    async close() {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
      await codex.close()
    },
  }
}
