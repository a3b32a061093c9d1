/**
 * Starts one `codex app-server` and opens the channel to it: over a private Unix socket, where the child outlives the
 * hub, or over its stdin and stdout. It owns the order of things: the ledger knows the child before anybody talks to
 * it (L16). What cannot be opened is ended here and forgotten.
 */
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, parse } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../../base/clock.ts'
import { mintId } from '../../base/id.ts'
import type { Log } from '../../base/log.ts'
import type { Identity } from '../../base/process-identity.ts'
import type { MessageChannel } from '../../jsonrpc/channel.ts'
import { StdioChannel } from '../../jsonrpc/stdio-channel.ts'
import { connectUnixSocket, SocketConnectError } from '../../jsonrpc/unix-socket.ts'
import { ConnectorError } from '../connector.ts'
import type { ProcessLedger, ProcessRecord } from '../driver.ts'
import { logPathOf, removeSocket } from '../process/reap.ts'
import {
  type Child,
  type HeldChild,
  type PipedChild,
  spawnPipedChild,
  spawnSocketChild,
} from '../process/spawn-child.ts'
import { KILL_LADDER, terminate } from '../process/terminate.ts'
import { startWarden } from '../process/warden.ts'
import type { Installation } from './locate.ts'

export interface LaunchOptions {
  readonly installation: Installation
  readonly transport: 'socket' | 'stdio'
  readonly sessionId: string | null
  /** Set for one that sessions share. */
  readonly sharedBy?: string
  readonly hubId: string
  readonly ledger: ProcessLedger
  readonly socketFolder: string
  readonly hubLockPath: string
  readonly codexHome: string | null
  readonly env: Readonly<Record<string, string | undefined>>
  /** Time without a hub after which a socket child ends by itself. */
  readonly graceMs?: number
  readonly startupTimeoutMs: number
  readonly clock: Clock
  readonly log: Log
}

/** A child with its open channel; nothing has been said to it yet. */
export interface Launched {
  readonly record: ProcessRecord
  readonly child: Child | PipedChild
  readonly channel: MessageChannel
}

/** @throws ConnectorError `spawnFailed` with the last lines the child wrote */
export async function launch(options: LaunchOptions): Promise<Launched> {
  const { installation, ledger, clock } = options
  const id = mintId('proc', clock.now())
  const socketPath = options.transport === 'socket' ? join(options.socketFolder, `${id}.sock`) : null
  const child = await spawnChild(options, socketPath)
  const bare: ProcessRecord = {
    id,
    pid: child.pid,
    startToken: child.startToken,
    socketPath,
    sessionId: options.sessionId,
    sharedBy: options.sharedBy ?? null,
    warden: null,
    hubId: options.hubId,
    codexPath: installation.path,
    codexVersion: installation.version,
    codexHome: options.codexHome,
    startedAt: clock.now(),
  }
  try {
    const record = socketPath === null ? bare : { ...bare, warden: await watch(options, child, socketPath) }
    await ledger.record(record)
    const channel =
      'release' in child && socketPath !== null
        ? await openSocket(options, child, socketPath)
        : openPipes(child as PipedChild)
    return { record, child, channel }
  } catch (error) {
    await discard({ record: bare, child }, options)
    throw error
  }
}

/** End a child that is of no use, and forget it. */
export async function discard(
  { record, child }: Pick<Launched, 'record' | 'child'>,
  { ledger, clock }: Pick<LaunchOptions, 'ledger' | 'clock'>,
): Promise<void> {
  await terminate(child, KILL_LADDER, clock)
  if (record.socketPath !== null) await removeSocket(record.socketPath)
  ledger.forget(record.id)
}

function spawnChild(options: LaunchOptions, socketPath: string | null): Promise<HeldChild | PipedChild> {
  const { installation, codexHome } = options
  const spawn = {
    command: installation.path,
    // Threads name their folders themselves. A folder with something in it would be read as a project of its own.
    cwd: parse(homedir()).root,
    env: { ...options.env, ...(codexHome === null ? {} : { CODEX_HOME: codexHome }) },
  }
  if (socketPath === null) return spawnPipedChild({ ...spawn, args: ['app-server'] })
  const args = ['app-server', '--listen', `unix://${socketPath}`]
  return spawnSocketChild({ ...spawn, args, logPath: logPathOf(socketPath) })
}

function openPipes({ stdin, stdout, exited }: PipedChild): MessageChannel {
  return new StdioChannel({ stdin, stdout, exited })
}

function watch({ graceMs, hubLockPath }: LaunchOptions, child: Child, path: string): Promise<Identity> {
  return startWarden({
    childPid: child.pid,
    childStartToken: child.startToken,
    hubLockPath,
    logPath: logPathOf(path),
    ...(graceMs === undefined ? {} : { graceMs }),
  })
}

/** The ledger and a warden know the child: it may begin. */
function openSocket(options: LaunchOptions, child: HeldChild, path: string): Promise<MessageChannel> {
  child.release()
  return connectWhenReady(options, child, path)
}

const LOOK_EVERY_MS = 15

/** A child listens about 200 ms after it was spawned; the socket's file is there an instant before it answers. */
async function connectWhenReady(
  { startupTimeoutMs, clock, installation }: LaunchOptions,
  child: Child,
  path: string,
): Promise<MessageChannel> {
  const deadline = clock.now() + startupTimeoutMs
  while (child.exit === null) {
    try {
      if (existsSync(path)) return await connectUnixSocket(path, { timeoutMs: startupTimeoutMs })
    } catch (error) {
      const isEarly = error instanceof SocketConnectError && ['missing', 'refused'].includes(error.fault)
      if (!isEarly) throw startFailed(installation, 'could not be connected to', child, error)
    }
    if (clock.now() > deadline) throw startFailed(installation, 'opened no socket in time', child)
    await delay(LOOK_EVERY_MS)
  }
  throw startFailed(installation, `ended at its start with code ${child.exit.code}`, child)
}

function startFailed(
  installation: Installation,
  what: string,
  child: Child,
  cause?: unknown,
): ConnectorError {
  const stderr = lastLines(child)
  return new ConnectorError(
    'spawnFailed',
    `Codex ${installation.version} ${what}.${stderr === '' ? '' : ` It wrote: ${stderr}`}`,
    { path: installation.path, pid: child.pid, exit: child.exit, stderr },
    { cause },
  )
}

const SHOWN_LINES = 8
const SHOWN_UNITS = 2000

/** The end of what a child wrote, short enough for an error text; Rust's backtrace, which hides the reason, is left out. */
export function lastLines(child: Child): string {
  const [said = ''] = child.stderrTail().split(/^Stack backtrace:/m)
  const lines = said.trim().split('\n')
  return lines.slice(-SHOWN_LINES).join('\n').slice(-SHOWN_UNITS)
}
