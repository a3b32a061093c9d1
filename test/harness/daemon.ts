/**
 * A Codex daemon for tests: `app-server --listen unix://` in a throw-away home, which a terminal takes for its own. What
 * `codex app-server daemon start` adds is a copy of the 300 MB binary, an updater, and a pid file.
 */
import { spawn } from 'node:child_process'
import { readFileSync, readlinkSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import type { Identity } from '../../src/base/process-identity.ts'
import { controlSocketPath } from '../../src/connectors/daemon/control-socket.ts'
import { KILL_LADDER, terminate } from '../../src/connectors/process/terminate.ts'
import type { CodexHome } from './codex-home.ts'
import { locateTestCodex } from './test-codex.ts'
import { until } from './until.ts'

export interface TestDaemon {
  readonly pid: number
  readonly isAlive: boolean
  /** Resolves when it has ended. */
  readonly gone: Promise<void>
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
    gone,
    get isAlive() {
      return child.exitCode === null && child.signalCode === null
    },
    signal: (signal) => void child.kill(signal),
    kill,
    async close() {
      await kill()
      removeSocket(link)
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

/** The link in the home, and what it leads to outside of it. */
function removeSocket(link: string): void {
  try {
    const target = readlinkSync(link)
    rmSync(target, { force: true })
    rmSync(`${target}.lock`, { force: true })
  } catch {
    // It removed the link itself, or the socket lies in the home (0.142).
  }
}

/** End the daemon that a terminal started by itself in a throw-away home, and its updater. */
export async function endOwnDaemon({ home }: Pick<CodexHome, 'home'>): Promise<void> {
  for (const name of ['daemon-updater.pid', 'daemon.pid']) {
    const identity = readIdentity(join(home, 'app-server-daemon', name))
    if (identity) await terminate(identity, KILL_LADDER, systemClock)
  }
  removeSocket(controlSocketPath(home))
}

/** As the daemon wrote it down (0.169 on Linux). */
function readIdentity(path: string): Identity | null {
  try {
    const { pid, processIdentity } = JSON.parse(readFileSync(path, 'utf8'))
    return { pid, startToken: `${processIdentity.startTicks}@${processIdentity.bootId}` }
  } catch {
    return null
  }
}
