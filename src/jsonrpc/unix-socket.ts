/**
 * Opens a WebSocket over a Unix socket, as Codex's app-server and daemon serve it: no compression, no Origin header.
 * The path never goes through a URL: in `ws+unix://<path>:<resource>` a colon, `#`, `?` or `%` in the path would name
 * another file.
 */
import { connect } from 'node:net'
import { WebSocket } from 'ws'
import { SocketChannel } from './socket-channel.ts'

/** One resumed thread with its history can be a frame of tens of MB. */
const DEFAULT_MAX_PAYLOAD_BYTES = 256 * 1024 * 1024
const DEFAULT_TIMEOUT_MS = 10_000

export type ConnectFault = 'missing' | 'refused' | 'denied' | 'timeout' | 'aborted' | 'failed'

export class SocketConnectError extends Error {
  override readonly name = 'SocketConnectError'
  readonly fault: ConnectFault
  readonly path: string

  constructor(fault: ConnectFault, path: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause)
    super(`${path}: ${SENTENCES[fault]} (${why})`, { cause })
    this.fault = fault
    this.path = path
  }
}

const SENTENCES: Record<ConnectFault, string> = {
  missing: 'there is no socket at this path; nothing has begun to listen there, or it has ended',
  refused: 'nobody listens on this socket; its process has ended and left the file',
  denied: 'this user may not open the socket',
  timeout: 'no WebSocket handshake in time; the process may hang or not be an app-server',
  aborted: 'the attempt was given up',
  failed: 'no WebSocket could be opened',
}

const FAULT_OF_CODE: Record<string, ConnectFault> = {
  ENOENT: 'missing',
  ECONNREFUSED: 'refused',
  EACCES: 'denied',
  EPERM: 'denied',
}

export interface ConnectOptions {
  readonly timeoutMs?: number
  readonly maxPayloadBytes?: number
  readonly signal?: AbortSignal
}

/**
 * Connect and shake hands.
 * @throws SocketConnectError
 */
export function connectUnixSocket(path: string, options: ConnectOptions = {}): Promise<SocketChannel> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, maxPayloadBytes = DEFAULT_MAX_PAYLOAD_BYTES, signal } = options
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(new SocketConnectError('aborted', path, signal.reason))
      return
    }
    const socket = new WebSocket('ws://localhost/', {
      createConnection: () => connect({ path }),
      perMessageDeflate: false,
      // A message that is no UTF-8 costs that message, not the connection; and looking costs every message.
      skipUTF8Validation: true,
      maxPayload: maxPayloadBytes,
      followRedirects: false,
    })
    const fail = (fault: ConnectFault, cause: unknown) => {
      settle()
      // `ws` reports an aborted handshake as an error after this.
      socket.on('error', () => {})
      socket.terminate()
      reject(new SocketConnectError(fault, path, cause))
    }
    const timer = setTimeout(() => fail('timeout', `${timeoutMs} ms`), timeoutMs)
    const onAbort = () => fail('aborted', signal?.reason)
    const onError = (error: NodeJS.ErrnoException) => fail(FAULT_OF_CODE[error.code ?? ''] ?? 'failed', error)
    const onOpen = () => {
      settle()
      resolve(new SocketChannel(socket))
    }
    const settle = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      socket.off('error', onError)
      socket.off('open', onOpen)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    socket.on('error', onError)
    socket.on('open', onOpen)
  })
}
