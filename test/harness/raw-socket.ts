/** A client with no code of ours: a plain WebSocket that speaks JSON and keeps what it hears. */
import { WebSocket } from 'ws'

export interface RawSocket {
  readonly socket: WebSocket
  readonly heard: Record<string, unknown>[]
  readonly closed: Promise<{ code: number; reason: string }>
  send(text: string | Buffer): void
  /** Send a request and wait for the message with its id. */
  call(
    method: string,
    params?: unknown,
  ): Promise<{
    result?: unknown
    error?: { code: number; data: { name: string; facts: Record<string, unknown> } }
  }>
  /** The next message (or one already heard) that fits. */
  next(fits: (message: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>
}

export async function openRaw(
  url: string,
  options: { protocols?: string[]; headers?: Record<string, string> } = {},
): Promise<RawSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, options.protocols ?? [], {
    headers: options.headers ?? {},
  })
  const heard: Record<string, unknown>[] = []
  const listeners = new Set<() => void>()
  socket.on('message', (payload: Buffer) => {
    heard.push(JSON.parse(payload.toString()))
    for (const listener of listeners) listener()
  })
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }))
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  socket.on('error', () => {})
  let id = 0
  const next: RawSocket['next'] = (fits) =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = heard.find(fits)
        if (!found) return
        listeners.delete(look)
        resolve(found)
      }
      listeners.add(look)
      look()
    })
  return {
    socket,
    heard,
    closed,
    next,
    send: (text) => socket.send(text),
    async call(method, params = {}) {
      id += 1
      const mine = id
      socket.send(JSON.stringify({ jsonrpc: '2.0', id: mine, method, params }))
      return (await next((message) => message.id === mine)) as Awaited<ReturnType<RawSocket['call']>>
    },
  }
}

/** Connected and greeted. */
export async function openGreeted(url: string, token: string): Promise<RawSocket> {
  const raw = await openRaw(url, { headers: { authorization: `Bearer ${token}` } })
  await raw.call('hub/hello', { protocolVersion: 1, client: { id: 'raw', name: 'raw' } })
  return raw
}
