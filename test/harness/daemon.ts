/**
 * A Codex daemon for tests: `app-server --listen unix://` in a throw-away home, which a terminal takes for its own. What
 * `codex app-server daemon start` adds is a copy of the 300 MB binary, an updater, and a pid file.
 */
import { spawn } from 'node:child_process'
import { readlinkSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { controlSocketPath } from '../../src/connectors/daemon/control-socket.ts'
import type { CodexHome } from './codex-home.ts'
import { locateTestCodex } from './test-codex.ts'
import { until } from './until.ts'

export interface TestDaemon {
  readonly pid: number
  readonly isAlive: boolean
  signal(signal: NodeJS.Signals): void
  /** End it as a crash would. Resolves when it is gone; its socket stays. */
  kill(): Promise<void>
  /** End it and remove what it left outside of its home. */
  close(): Promise<void>
}

export async function startDaemon({ home }: Pick<CodexHome, 'home'>): Promise<TestDaemon> {
  const { path } = await locateTestCodex()
  const link = controlSocketPath(home)
  const child = spawn(path, ['app-server', '--listen', 'unix://'], {
    env: { ...process.env, CODEX_HOME: home },
    stdio: 'ignore',
  })
  const { pid } = child
  if (pid === undefined) throw new Error(`${path} could not be started`)
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await until(() => child.exitCode !== null || canConnect(link))
  if (child.exitCode !== null) throw new Error(`the daemon exited with code ${child.exitCode}`)
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await gone
  }
  return {
    pid,
    get isAlive() {
      return child.exitCode === null && child.signalCode === null
    },
    signal: (signal) => void child.kill(signal),
    kill,
    async close() {
      await kill()
      try {
        const target = readlinkSync(link)
        rmSync(target, { force: true })
        rmSync(`${target}.lock`, { force: true })
      } catch {
        // It removed the link itself.
      }
    },
  }
}

function canConnect(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path })
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
