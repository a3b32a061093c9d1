/**
 * A warden watches over one socket child for the case that its hub dies and does not come back: after the grace it
 * lets the child finish its running turn and end. It is one small shell process per child and not one per hub: it
 * shares no list with anybody, needs no election when two hubs follow each other, and ends with its child; its price
 * is about 1 MB and two forks every five seconds. It lives in its own session, so nothing that ends the hub ends it.
 */
import { execa } from 'execa'
import { type Identity, readTokenAtBirth } from '../../base/process-identity.ts'
import { ConnectorError } from '../connector.ts'
import { WARDEN_SCRIPT } from './warden-script.ts'

export interface WardenOptions {
  readonly childPid: number
  readonly childStartToken: string
  /** JSON `{"pid", "startToken", …}` of whatever hub runs on the data folder; only read here. */
  readonly hubLockPath: string
  /** Time without any live hub before the child is asked to end. */
  readonly graceMs?: number
  /** Time the child then has for its running turn before it must give it up. */
  readonly finishTurnMs?: number
  /** And from there to SIGKILL of its group. */
  readonly abandonTurnMs?: number
  /** The child's output file; cut to its last 32 KiB whenever it is over 1 MiB. */
  readonly logPath?: string
}

export const DEFAULT_GRACE_MS = 15 * 60_000
const DEFAULT_FINISH_TURN_MS = 60 * 60_000
const DEFAULT_ABANDON_TURN_MS = 60_000
const MAX_LOG_BYTES = 1024 * 1024
const SHORTEST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5000
const LOOKS_PER_GRACE = 20

/** How often it looks. Milliseconds. */
export function pauseOf(graceMs = DEFAULT_GRACE_MS): number {
  return Math.round(Math.min(Math.max(graceMs / LOOKS_PER_GRACE, SHORTEST_PAUSE_MS), LONGEST_PAUSE_MS))
}

/**
 * Start it, once per child: a hub that rejoins a child finds the warden of the earlier hub on duty, and a second one
 * would send the child a second SIGTERM, which costs it the running turn. Not for Windows, where children use stdio
 * and end with the hub. When it resolves, the warden goes on whatever happens to this process.
 * @throws ConnectorError `spawnFailed`; the child has no warden then and must not be left alone
 */
export async function startWarden(options: WardenOptions): Promise<Identity> {
  const { graceMs = DEFAULT_GRACE_MS, finishTurnMs = DEFAULT_FINISH_TURN_MS } = options
  const { abandonTurnMs = DEFAULT_ABANDON_TURN_MS, logPath = '' } = options
  const pauseMs = pauseOf(graceMs)
  const args = [
    process.platform,
    String(options.childPid),
    options.childStartToken,
    options.hubLockPath,
    ...[graceMs, finishTurnMs, abandonTurnMs].map((ms) => String(Math.round(ms))),
    String(pauseMs / 1000),
    String(pauseMs),
    logPath,
    String(MAX_LOG_BYTES),
  ]
  // The program comes through stdin, so that a process list shows its arguments and not its text.
  const subprocess = execa('/bin/sh', ['-s', ...args], {
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    buffer: false,
    reject: false,
    detached: true,
    cleanup: false,
  })
  const { pid, stdin } = subprocess
  if (pid === undefined) {
    const { cause } = await subprocess
    throw new ConnectorError(
      'spawnFailed',
      '/bin/sh could not be started as warden',
      { pid: options.childPid },
      { cause },
    )
  }
  const startToken = await readTokenAtBirth(pid)
  subprocess.nodeChildProcess.unref()
  await new Promise<void>((resolve, reject) => {
    stdin.once('error', reject)
    stdin.end(WARDEN_SCRIPT, resolve)
  }).catch((cause) => {
    throw new ConnectorError('spawnFailed', 'the warden ended before it began', { pid }, { cause })
  })
  return { pid, startToken }
}
