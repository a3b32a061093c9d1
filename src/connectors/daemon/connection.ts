/**
 * Opens one connection to a daemon: socket, handshake, and what it can do, each within a time limit. It never starts,
 * stops or asks for anything that changes the daemon.
 */
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { isSameProcess, readStartToken } from '../../base/process-identity.ts'
import type { CloseCause } from '../../jsonrpc/channel.ts'
import { connectUnixSocket } from '../../jsonrpc/unix-socket.ts'
import { AppServer } from '../codex/app-server.ts'
import { probeMethods } from '../codex/capabilities.ts'
import { type ControlSocket, readDaemonPid } from './control-socket.ts'
import { DaemonFault, faultOf } from './health.ts'

export interface DaemonConnection {
  readonly server: AppServer
  /** Methods this release knows. */
  readonly methods: ReadonlySet<string>
  /** Prefix of the keys of its approvals: the same for each connection to the same run of the daemon. */
  readonly instance: string
  readonly pid: number | null
}

export interface ConnectionOptions {
  readonly codexHome: string
  readonly hubVersion: string
  readonly clock: Clock
  readonly log: Log
  /** For each step: socket, handshake, probe. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** Without these there is nothing to join. */
const NEEDED = ['thread/loaded/list', 'thread/read', 'thread/resume']

/** @throws DaemonFault */
export async function openConnection(
  socket: ControlSocket,
  options: ConnectionOptions,
): Promise<DaemonConnection> {
  const { codexHome, timeoutMs, signal, ...rest } = options
  let server: AppServer | null = null
  const onAbort = () => server?.close()
  signal.addEventListener('abort', onAbort)
  try {
    const process = await identify(codexHome)
    const channel = await connectUnixSocket(socket.path, { timeoutMs, signal })
    server = new AppServer({
      ...rest,
      channel,
      explain: (cause) => explain(cause, process, options.clock),
    })
    signal.throwIfAborted()
    await server.handshake(timeoutMs)
    const methods = await probe(server, timeoutMs)
    const missing = NEEDED.filter((method) => !methods.has(method))
    if (missing.length > 0) {
      throw new DaemonFault(
        'unsupported',
        `The Codex daemon (${server.version ?? 'of an unknown version'}) lacks ${missing.join(', ')}: its sessions are seen from their files only.`,
      )
    }
    return { server, methods, instance: socket.instance, pid: process?.pid ?? null }
  } catch (error) {
    server?.close()
    throw faultOf(error, server?.unreadable ?? 0)
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function probe(server: AppServer, timeoutMs: number): Promise<ReadonlySet<string>> {
  return probeMethods((method, params) => server.requestRaw(method, params, timeoutMs))
}

interface Process {
  readonly pid: number
  readonly startToken: string
}

async function identify(codexHome: string): Promise<Process | null> {
  const pid = await readDaemonPid(codexHome)
  const startToken = pid === null ? null : await readStartToken(pid)
  return pid === null || startToken === null ? null : { pid, startToken }
}

/** A process that closed its socket ends right after; one that did not is alive and only out of reach. */
const EXIT_WITHIN_MS = 1000
const LOOK_EVERY_MS = 50

async function explain(cause: CloseCause, process: Process | null, clock: Clock): Promise<CloseCause> {
  if (process === null)
    return { ...cause, message: `the connection to the Codex daemon ended: ${cause.message}` }
  for (let waitedMs = 0; waitedMs < EXIT_WITHIN_MS; waitedMs += LOOK_EVERY_MS) {
    if (!(await isSameProcess(process.pid, process.startToken))) {
      return { kind: 'exited', message: 'the Codex daemon has ended', code: null, signal: null }
    }
    await new Promise<void>((resolve) => clock.after(LOOK_EVERY_MS, resolve))
  }
  return { ...cause, message: `the Codex daemon runs on, but the connection ended: ${cause.message}` }
}
