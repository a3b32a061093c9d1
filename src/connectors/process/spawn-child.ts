/**
 * Starts a program in its own session and process group and says who it is, what it wrote last and how it ended. It
 * owns nothing of the child's life: ending it is `terminate.ts`, and a hub that goes away takes no child with it.
 */
import { closeSync, openSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { execa } from 'execa'
import { type Identity, readTokenAtBirth } from '../../base/process-identity.ts'
import { ConnectorError } from '../connector.ts'
import { killGroup } from './signal.ts'
import { readFileTail, Tail } from './tail.ts'

export interface SpawnOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  /** Added to the hub's own environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

export interface ChildExit {
  readonly code: number | null
  readonly signal: string | null
}

export interface Child extends Identity {
  /** Settles once and never rejects. By then what was left of the child's group has been killed. */
  readonly exited: Promise<ChildExit>
  /** Null while it runs. */
  readonly exit: ChildExit | null
  /** The last 32 KiB of what it wrote for people, without ANSI sequences. */
  stderrTail(): string
}

export interface PipedChild extends Child {
  readonly stdin: Writable
  readonly stdout: Readable
}

/**
 * Start a child that speaks over its stdin and stdout. It ends with the hub: stdin closes.
 * @throws ConnectorError `spawnFailed`
 */
export async function spawnPipedChild(options: SpawnOptions): Promise<PipedChild> {
  const process = run(options, ['pipe', 'pipe', 'pipe'])
  const { stdin, stdout, stderr } = process.streams
  // EPIPE between the death of the child and the news of it; whoever writes listens for itself as well.
  stdin?.on('error', () => {})
  stdout?.on('error', () => {})
  const tail = new Tail()
  stderr?.on('data', (chunk: Buffer) => tail.push(chunk))
  stderr?.on('error', () => {})
  const child = await process.started(() => tail.read())
  if (!stdin || !stdout) throw new TypeError('a piped child has pipes')
  return Object.assign(child, { stdin, stdout })
}

/**
 * Start a child that listens on a socket and outlives the hub. Its output goes to the file `logPath`: a pipe would kill
 * it with EPIPE, or fill up and block it, once no hub reads the other end; its warden keeps that file small.
 * @throws ConnectorError `spawnFailed`
 */
export async function spawnSocketChild(options: SpawnOptions & { readonly logPath: string }): Promise<Child> {
  const fd = openLog(options)
  try {
    // Appending matters: after the file is cut the child goes on at the new end instead of leaving a hole.
    const process = run(options, ['ignore', fd, fd])
    process.unref()
    return await process.started(() => readFileTail(options.logPath))
  } finally {
    closeSync(fd)
  }
}

function openLog({ command, logPath }: SpawnOptions & { readonly logPath: string }): Descriptor {
  try {
    return openSync(logPath, 'a', 0o600) as Descriptor
  } catch (error) {
    throw spawnFailed(command, error)
  }
}

/** Any descriptor; execa 10 takes all of them but its types name only the standard ones. */
type Descriptor = 1

type Stdio = ['pipe', 'pipe', 'pipe'] | ['ignore', Descriptor, Descriptor]

function run({ command, args, cwd, env }: SpawnOptions, stdio: Stdio) {
  const subprocess = start()
  const exited = new Promise<ChildExit>((resolve) => {
    // Not execa's own promise: that one waits for pipes which a grandchild may hold open for ever.
    subprocess.nodeChildProcess.once('exit', (code, signal) => resolve({ code, signal }))
  })
  return {
    streams: subprocess,
    unref: () => subprocess.nodeChildProcess.unref(),
    /** Called in the same turn of the event loop as `run`. */
    async started(stderrTail: () => string): Promise<Child> {
      const { pid } = subprocess
      if (pid === undefined) {
        const result = await subprocess
        throw spawnFailed(command, result.cause ?? result)
      }
      const startToken = await readTokenAtBirth(pid)
      const child = { pid, startToken, exit: null as ChildExit | null, stderrTail }
      const ended = exited.then(async (exit) => {
        await killGroup(child)
        child.exit = exit
        return exit
      })
      return Object.assign(child, { exited: ended })
    },
  }

  function start() {
    try {
      return execa(command, args, {
        cwd,
        env: env ?? {},
        stdio,
        // With a buffer execa kills a child that writes more than fits.
        buffer: false,
        reject: false,
        detached: true,
        cleanup: false,
      })
    } catch (error) {
      throw spawnFailed(command, error)
    }
  }
}

function spawnFailed(command: string, cause: unknown): ConnectorError {
  const { code, message } = cause as NodeJS.ErrnoException
  return new ConnectorError(
    'spawnFailed',
    `${command} could not be started: ${message}`,
    { command, code: code ?? null },
    { cause },
  )
}
