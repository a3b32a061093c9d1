/**
 * Starts a program in its own session and process group and says who it is, what it wrote last and how it ended. It
 * owns nothing of the child's life: ending it is `terminate.ts`, and a hub that goes away takes no child with it.
 */
import { accessSync, closeSync, constants, openSync } from 'node:fs'
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

/** A child that exists under its pid and has not begun: it ends with the hub until it is let go. */
export interface HeldChild extends Child {
  /** Let the program begin. */
  release(): void
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

/** Becomes the program, under the same pid and start time, when it is told to; ends when nobody is left to tell it. */
const WAIT_AND_BECOME = 'read -r go || exit 0; exec "$0" "$@" < /dev/null'

/**
 * Start a child that listens on a socket and outlives the hub. Its output goes to the file `logPath`: a pipe would kill
 * it with EPIPE, or fill up and block it, once no hub reads the other end; its warden keeps that file small.
 * **Invariant:** it begins at `release`, so that a hub that is killed before the ledger and a warden know the child leaves
 * nothing behind. @throws ConnectorError `spawnFailed`
 */
export async function spawnSocketChild(
  options: SpawnOptions & { readonly logPath: string },
): Promise<HeldChild> {
  const { command, args, logPath } = options
  checkExecutable(command)
  const fd = openLog(options)
  try {
    // Appending matters: after the file is cut the child goes on at the new end instead of leaving a hole.
    const held = { ...options, command: '/bin/sh', args: ['-c', WAIT_AND_BECOME, command, ...args] }
    const process = run(held, ['pipe', fd, fd], command)
    process.unref()
    const { stdin } = process.streams
    // It may have been killed before it is let go.
    stdin?.on('error', () => {})
    const child = await process.started(() => readFileTail(logPath))
    return Object.assign(child, { release: () => void stdin?.end('go\n') })
  } finally {
    closeSync(fd)
  }
}

/** The shell in between would tell of it only in the child's output. */
function checkExecutable(command: string): void {
  try {
    accessSync(command, constants.X_OK)
  } catch (error) {
    throw spawnFailed(command, error)
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

type Stdio = ['pipe', 'pipe', 'pipe'] | ['pipe', Descriptor, Descriptor]

/** @param program the one that is meant, for whoever is told that it cannot be started */
function run({ command, args, cwd, env }: SpawnOptions, stdio: Stdio, program = command) {
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
        throw spawnFailed(program, result.cause ?? result)
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
      throw spawnFailed(program, error)
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
