/** An app-server that has been started or joined, handshake and probe done: what threads are opened on. */
import { setTimeout as delay } from 'node:timers/promises'
import { isSameProcess } from '../../base/process-identity.ts'
import { connectUnixSocket } from '../../jsonrpc/unix-socket.ts'
import { ConnectorError } from '../connector.ts'
import type { ProcessRecord } from '../driver.ts'
import { AppServer } from './app-server.ts'
import type { CapabilityCache } from './capabilities.ts'
import { discard, type Launched, type LaunchOptions, lastLines, launch } from './launch.ts'
import { ProcessHandle } from './process-handle.ts'

export interface RunningServer {
  readonly server: AppServer
  readonly handle: ProcessHandle
  /** Methods this release knows. */
  readonly methods: ReadonlySet<string>
}

export interface StartOptions extends LaunchOptions {
  readonly hubVersion: string
  readonly capabilities: CapabilityCache
  readonly finishTurnMs?: number
}

const ATTEMPTS = 4
const RETRY_MS = 250

/** Start one. Tries again when it died of a locked database. @throws ConnectorError */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options)
    } catch (error) {
      if (attempt === ATTEMPTS || !isLockedDatabase(error)) throw error
      options.log.info({ attempt }, 'Codex met a locked database at its start and is started again')
      // Jitter: those that met at the lock must not meet there again.
      await delay(RETRY_MS * attempt * (0.5 + Math.random()))
    }
  }
}

/** Codex keeps its state in SQLite; processes that start together can find it locked. */
function isLockedDatabase(error: unknown): boolean {
  const stderr = error instanceof ConnectorError ? error.facts.stderr : null
  return (
    typeof stderr === 'string' &&
    /database (?:table |schema )?is locked|SQLITE_BUSY|failed to initialize (?:sqlite )?state runtime/i.test(
      stderr,
    )
  )
}

async function startOnce(options: StartOptions): Promise<RunningServer> {
  const launched = await launch(options)
  try {
    return await converse(options, launched)
  } catch (error) {
    const failure = await handshakeFailure(options, launched, error)
    await discard(launched, options)
    throw failure
  }
}

/** @throws ConnectorError */
async function handshakeFailure(
  { installation }: StartOptions,
  { child, record }: Launched,
  error: unknown,
): Promise<ConnectorError> {
  // It is gone already, or as good as: its last lines say more than the end of its pipe.
  if (child.exit === null) await Promise.race([child.exited, delay(200)])
  const stderr = lastLines(child)
  const why = error instanceof Error ? error.message : String(error)
  return new ConnectorError(
    'handshakeFailed',
    `Codex ${installation.version} started and did not shake hands: ${why}.${stderr === '' ? '' : ` It wrote: ${stderr}`}`,
    { path: installation.path, pid: record.pid, exit: child.exit, stderr },
    { cause: error },
  )
}

async function converse(options: StartOptions, { record, child, channel }: Launched): Promise<RunningServer> {
  const handle = new ProcessHandle(record, child, options)
  return open(options, handle, channel)
}

/** Join a process of an earlier hub. @throws ConnectorError `closed` when it is not there or not ours any more */
export async function joinServer(
  options: Omit<StartOptions, keyof LaunchOptions> &
    Pick<LaunchOptions, 'ledger' | 'clock' | 'log' | 'startupTimeoutMs' | 'hubLockPath' | 'graceMs'>,
  record: ProcessRecord,
): Promise<RunningServer> {
  const { socketPath, pid, startToken } = record
  if (socketPath === null || !(await isSameProcess(pid, startToken))) {
    throw new ConnectorError('closed', 'The process of the earlier hub runs no more.', { pid })
  }
  const channel = await connectUnixSocket(socketPath, { timeoutMs: options.startupTimeoutMs }).catch(
    (cause) => {
      throw new ConnectorError(
        'handshakeFailed',
        `The running Codex could not be joined: ${cause.message}`,
        { pid, socketPath },
        { cause },
      )
    },
  )
  const handle = new ProcessHandle(record, null, options)
  try {
    return await open(options, handle, channel)
  } catch (error) {
    handle.letGo()
    throw error
  }
}

async function open(
  options: Pick<StartOptions, 'hubVersion' | 'capabilities' | 'clock' | 'log'>,
  handle: ProcessHandle,
  channel: Launched['channel'],
): Promise<RunningServer> {
  const { hubVersion, clock, log } = options
  const server = new AppServer({ channel, hubVersion, clock, log, explain: (cause) => handle.explain(cause) })
  try {
    await server.handshake()
    const methods = await options.capabilities.methodsOf(handle.record.codexPath, (method, params) =>
      server.requestRaw(method, params),
    )
    return { server, handle, methods }
  } catch (error) {
    server.close()
    throw error
  }
}
