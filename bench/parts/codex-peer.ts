/** A bare conversation with Codex's own server, greeted: what anybody would write who uses Codex without a hub. */
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { Peer } from '../../src/jsonrpc/peer.ts'
import { SocketChannel } from '../../src/jsonrpc/socket-channel.ts'

export interface CodexPeer {
  readonly peer: Peer
  startThread(cwd: string): Promise<string>
  prompt(threadId: string, words: string): Promise<unknown>
  /** The next notification of this method. */
  next(method: string): Promise<unknown>
  close(): void
}

export async function openCodexPeer(url: string): Promise<CodexPeer> {
  const socket = new WebSocket(url, { perMessageDeflate: false })
  await once(socket, 'open')
  const waiting = new Map<string, (params: unknown) => void>()
  const peer = new Peer(new SocketChannel(socket), {
    tagged: false,
    onNotification: ({ method, params }) => {
      waiting.get(method)?.(params)
      waiting.delete(method)
    },
    onRequest: () => {},
  })
  const clientInfo = { name: 'bench', title: 'bench', version: '1' }
  await peer.request('initialize', { clientInfo, capabilities: { experimentalApi: true } })
  peer.notify('initialized')
  return {
    peer,
    async startThread(cwd) {
      const { thread } = (await peer.request('thread/start', { cwd })) as { thread: { id: string } }
      return thread.id
    },
    prompt: (threadId, words) =>
      peer.request('turn/start', { threadId, input: [{ type: 'text', text: words, text_elements: [] }] }),
    next: (method) => new Promise((resolve) => waiting.set(method, resolve)),
    close: () => socket.terminate(),
  }
}
