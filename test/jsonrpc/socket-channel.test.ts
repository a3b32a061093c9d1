import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createServer as createNetServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { SocketChannel } from '../../src/jsonrpc/socket-channel.ts'
import { connectUnixSocket } from '../../src/jsonrpc/unix-socket.ts'
import { ManualClock } from '../harness/manual-clock.ts'
import { type ChannelUnderTest, channelContract, Witness } from './channel-contract.ts'

let folder: string
const undo: (() => void)[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rpc-'))
})

afterEach(() => {
  for (const step of undo.splice(0)) step()
  rmSync(folder, { recursive: true, force: true })
})

/** A WebSocket server on a Unix socket, and both ends of one connection to it. */
async function connected(path = join(folder, 's.sock')) {
  const http: Server = createServer()
  const server = new WebSocketServer({ server: http })
  const accepted = new Promise<{ socket: WebSocket; headers: Record<string, unknown> }>((resolve) => {
    server.once('connection', (socket, request) => resolve({ socket, headers: request.headers }))
  })
  await new Promise<void>((resolve) => http.listen(path, resolve))
  const client = await connectUnixSocket(path)
  const { socket, headers } = await accepted
  socket.on('error', () => {})
  undo.push(() => {
    for (const each of server.clients) each.terminate()
    http.close()
  })
  return { client, socket, headers }
}

function underTest(channel: SocketChannel, far: WebSocket): ChannelUnderTest {
  return {
    channel,
    say: (text) => new Promise((resolve) => far.send(text, () => resolve())),
    hear: () => new Promise((resolve) => far.once('message', (frame) => resolve(String(frame)))),
    hangUp: () => far.close(4429, 'too slow'),
    hangUpCause: {
      kind: 'ended',
      message: 'the other side closed the socket with code 4429: too slow',
      code: 4429,
    },
  }
}

describe('over a WebSocket', () => {
  channelContract('as the client of a Unix socket', async () => {
    const { client, socket } = await connected()
    return underTest(client, socket)
  })

  channelContract('as the server', async () => {
    const path = join(folder, 's.sock')
    const http = createServer()
    const server = new WebSocketServer({ server: http })
    const accepted = new Promise<WebSocket>((resolve) => server.once('connection', resolve))
    await new Promise<void>((resolve) => http.listen(path, resolve))
    const { WebSocket: Client } = await import('ws')
    const far = new Client(`ws+unix://${path}:/`)
    far.on('error', () => {})
    const opened = new Promise((resolve) => far.once('open', resolve))
    const channel = new SocketChannel(await accepted)
    await opened
    undo.push(() => {
      far.terminate()
      http.close()
    })
    return underTest(channel, far)
  })
})

test('[RPC14] a binary frame is read as UTF-8', async () => {
  const { client, socket } = await connected()
  const witness = new Witness()
  client.start(witness)
  socket.send(Buffer.from('{"method":"ü🚀"}'), { binary: true })
  await witness.until(1)
  expect(witness.seen).toEqual(['{"method":"ü🚀"}'])
})

test('[RPC14] a connection lost without a close frame is told as that', async () => {
  const { client, socket } = await connected()
  const witness = new Witness()
  client.start(witness)
  socket.terminate()
  await witness.until(1)
  expect(witness.seen).toEqual([
    { kind: 'ended', message: 'the connection was lost without a close frame', code: 1006 },
  ])
})

/** Below the library, which sends only what is allowed. */
const rawOf = (socket: unknown) => (socket as { _socket: { write(bytes: Buffer): void } })._socket

test('[RPC14] a text that is not UTF-8 costs that message alone', async () => {
  const { client, socket } = await connected()
  const witness = new Witness()
  client.start(witness)
  rawOf(socket).write(Buffer.from([0x81, 0x02, 0xc3, 0x28]))
  socket.send('{"method":"after"}')
  await witness.until(2)
  expect(witness.seen).toEqual(['\ufffd(', '{"method":"after"}'])
})

test('[RPC14] a frame that breaks the protocol fails the channel and is never uncaught', async () => {
  const { client, socket } = await connected()
  const witness = new Witness()
  client.start(witness)
  // A kind of frame that does not exist.
  rawOf(socket).write(Buffer.from([0x83, 0x00]))
  await witness.until(1)
  expect(witness.seen).toEqual([
    {
      kind: 'failed',
      message: 'the socket failed: Invalid WebSocket frame: invalid opcode 3',
      code: 1006,
      error: expect.any(Error),
    },
  ])
})

test.each([
  [4403, 'revoked', 4403, 'revoked'],
  [1006, 'reserved codes are not sent', 1000, 'reserved codes are not sent'],
  [undefined, 'ü'.repeat(100), 1000, 'ü'.repeat(61)],
])(
  '[RPC14] closing with code %s and reason %s sends what the protocol allows',
  async (code, message, sentCode, sentReason) => {
    const { client, socket } = await connected()
    client.start(new Witness())
    const closed = new Promise((resolve) => {
      socket.once('close', (gotCode, reason) => resolve([gotCode, String(reason)]))
    })
    client.close({ kind: 'closed', message, ...(code === undefined ? {} : { code }) })
    expect(await closed).toEqual([sentCode, sentReason])
  },
)

test('[RPC14] a socket whose other side does not read is destroyed a second after its close', async () => {
  const { client, socket } = await connected()
  const clock = new ManualClock()
  const channel = new SocketChannel(socket, { clock })
  channel.start(new Witness())
  const deaf = client as unknown as { start(on: object): void }
  deaf.start(new Witness())
  socket.pause()
  const gone = new Promise((resolve) => socket.once('close', resolve))
  channel.close({ kind: 'closed', message: 'enough' })
  clock.advance(1000)
  await gone
  expect(channel.bufferedBytes).toBe(0)
})

test('[RPC12] bytes the socket has not taken are counted', async () => {
  const { client, socket } = await connected()
  client.start(new Witness())
  socket.pause()
  for (let at = 0; at < 100; at++) client.send('x'.repeat(100_000))
  await setImmediate()
  expect(client.bufferedBytes).toBeGreaterThan(1_000_000)
  client.close({ kind: 'closed', message: 'enough' })
})

test.each(['a:b.sock', 'per%20cent.sock', 'hash#mark?.sock', 'blank and ü.sock', 'ws+unix:.sock:'])(
  '[RPC15] a socket may lie at a path like %s',
  async (name) => {
    mkdirSync(join(folder, 'x:y'))
    const { headers } = await connected(join(folder, 'x:y', name))
    expect({ origin: headers.origin, extensions: headers['sec-websocket-extensions'] }).toEqual({
      origin: undefined,
      extensions: undefined,
    })
  },
)

test('[RPC15] each way of not getting a connection has its own fault', async () => {
  const missing = join(folder, 'missing.sock')
  await expect(connectUnixSocket(missing)).rejects.toMatchObject({ fault: 'missing', path: missing })

  const plain = join(folder, 'file.sock')
  writeFileSync(plain, '')
  await expect(connectUnixSocket(plain)).rejects.toMatchObject({ fault: 'refused' })

  const mute = join(folder, 'mute.sock')
  const net = createNetServer((socket) => socket.on('error', () => {}))
  await new Promise<void>((resolve) => net.listen(mute, resolve))
  undo.push(() => net.close())
  await expect(connectUnixSocket(mute, { timeoutMs: 30 })).rejects.toMatchObject({ fault: 'timeout' })
  const controller = new AbortController()
  const given = connectUnixSocket(mute, { signal: controller.signal })
  controller.abort(new Error('no longer wanted'))
  await expect(given).rejects.toMatchObject({ fault: 'aborted' })
  await expect(connectUnixSocket(mute, { signal: controller.signal })).rejects.toMatchObject({
    fault: 'aborted',
  })

  const web = join(folder, 'web.sock')
  const http = createServer((_request, response) => response.end('hello'))
  await new Promise<void>((resolve) => http.listen(web, resolve))
  undo.push(() => http.close())
  await expect(connectUnixSocket(web)).rejects.toMatchObject({ fault: 'failed' })
})
