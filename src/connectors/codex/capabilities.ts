/**
 * What the installed Codex can do, asked of Codex itself and not derived from its version: an unknown method is
 * answered with the list of all known ones. Remembered per binary, until the file changes (L13).
 */
import { execFile } from 'node:child_process'
import { RemoteError } from '../../jsonrpc/peer.ts'
import type { Operation } from '../connector.ts'
import { fileStamp } from './native-binary.ts'

type Ask = (method: string, params: unknown) => Promise<unknown>

/** Any of the methods will do. */
const METHODS_OF: Record<Exclude<Operation, 'decide' | 'terminal'>, readonly string[]> = {
  send: ['turn/start'],
  interrupt: ['turn/interrupt'],
  rename: ['thread/name/set'],
  // Without a method of its own a setting travels with the next turn.
  configure: ['thread/settings/update', 'turn/start'],
  history: ['thread/turns/list', 'thread/read'],
  steer: ['turn/steer'],
  compact: ['thread/compact/start'],
  rollback: ['thread/rollback'],
  revert: ['thread/revert'],
  fork: ['thread/fork'],
  review: ['review/start'],
  archive: ['thread/archive'],
  goal: ['thread/goal/set'],
  terminals: ['thread/backgroundTerminals/list'],
  mode: ['collaborationMode/list'],
}

/** No method of Codex will ever have this name. */
const UNKNOWN_METHOD = 'codexHub/probe'

/** Ask a running app-server for its methods. An empty set when it does not answer the way every release did. */
export async function probeMethods(ask: Ask): Promise<ReadonlySet<string>> {
  try {
    await ask(UNKNOWN_METHOD, {})
    return new Set()
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error
    return readVariants(error.message)
  }
}

/** The names in ``unknown variant `x`, expected one of `a`, `b` ``. */
export function readVariants(message: string): ReadonlySet<string> {
  const [, list] = message.split(', expected one of ')
  return new Set([...(list ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1] as string))
}

export function operationsOf(methods: ReadonlySet<string>): ReadonlySet<Operation> {
  const operations = new Set<Operation>(['decide'])
  for (const [operation, anyOf] of Object.entries(METHODS_OF)) {
    if (anyOf.some((method) => methods.has(method))) operations.add(operation as Operation)
  }
  return operations
}

/** Probes are remembered by the binary's path, size and time of change. */
export class CapabilityCache {
  readonly #methods = new Map<string, ReadonlySet<string>>()
  readonly #sockets = new Map<string, Promise<boolean>>()

  async methodsOf(path: string, ask: Ask): Promise<ReadonlySet<string>> {
    const key = fileStamp(path)
    const methods = this.#methods.get(key) ?? (await probeMethods(ask))
    if (methods.size > 0) this.#methods.set(key, methods)
    return methods
  }

  /** Whether `app-server` can listen on a Unix socket here (0.142 and later; its own help says so). */
  canListenOnSocket(path: string): Promise<boolean> {
    if (process.platform === 'win32') return Promise.resolve(false)
    const key = fileStamp(path)
    const known = this.#sockets.get(key) ?? helpMentionsSockets(path)
    this.#sockets.set(key, known)
    return known
  }
}

function helpMentionsSockets(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(path, ['app-server', '--help'], { timeout: 10_000 }, (error, stdout) =>
      resolve(!error && stdout.includes('unix://')),
    )
  })
}
