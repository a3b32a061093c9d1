/**
 * A server, one session on it and an audience that follows the session. The hub and Codex's own server stand on stages
 * of the same form, so that every answer is played to both alike.
 */
import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { Script, Step } from '../../src/demo/scripted-model.ts'
import { Peer } from '../../src/jsonrpc/peer.ts'
import { SocketChannel } from '../../src/jsonrpc/socket-channel.ts'
import { makeCodexHome } from '../../test/harness/codex-home.ts'
import { isIdle, stateWhere, text } from '../../test/harness/watch.ts'
import type { BenchOptions } from '../bench.ts'
import { Audience, type Heard } from './audience.ts'
import { startCodexServer } from './codex-server.ts'
import { HubChild } from './hub-child.ts'
import { instant } from './instant.ts'
import { cpuSeconds, peakRssMb } from './process-cost.ts'

export interface Played extends Heard {
  /** From the prompt until the last client held the whole answer. */
  readonly ms: number
  /** Processor seconds the serving process spent meanwhile. */
  readonly cpuSeconds: number
}

export interface Stage {
  /** The serving process. */
  readonly pid: number
  /** Prompt, and wait until everybody has heard the answer, which is `text` where that is known before. */
  play(answer: Step, text?: string): Promise<Played>
  peakRssMb(): number
  close(): Promise<void>
}

export async function openHubStage({ build }: Pick<BenchOptions, 'build'>, clients: number): Promise<Stage> {
  const model = new Prompter()
  const codex = await makeCodexHome({ script: model.script })
  const hub = new HubChild({ build, codex })
  const audience = new Audience()
  const close = async () => {
    await audience.close()
    await hub.close()
    await codex.close()
  }
  try {
    await hub.start()
    const client = hub.client()
    const { session } = await client.command('session/create', { cwd: codex.project, input: text('hello') })
    const view = client.session(session.id)
    await stateWhere(view, isIdle)
    const sessionId = session.id
    await audience.join({ server: 'hub', ...hub.address, sessionId }, clients)
    return model.stage(audience, hub.pid, close, async () => {
      await client.command('session/send', { sessionId, input: text('go') })
    })
  } catch (error) {
    await close()
    throw error
  }
}

export async function openCodexStage(clients: number): Promise<Stage> {
  const model = new Prompter()
  const server = await startCodexServer(model.script)
  const audience = new Audience()
  const close = async () => {
    await audience.close()
    await server.close()
  }
  try {
    const { peer, turnEnded } = await openPeer(server.url)
    const { thread } = (await peer.request('thread/start', { cwd: server.codex.project })) as {
      thread: { id: string }
    }
    const threadId = thread.id
    const prompt = (words: string) =>
      peer.request('turn/start', { threadId, input: [{ type: 'text', text: words, text_elements: [] }] })
    // A thread without a turn cannot be joined.
    const first = turnEnded()
    await prompt('hello')
    await first
    await audience.join({ server: 'codex', url: server.url, threadId }, clients)
    await peer.request('thread/unsubscribe', { threadId })
    return model.stage(audience, server.pid, close, () => prompt('go'))
  } catch (error) {
    await close()
    throw error
  }
}

/** What the model says next, and the part of a stage that is the same for every server. */
class Prompter {
  #answer: Step = { say: 'Hello.' }
  readonly script: Script = () => [this.#answer]

  stage(audience: Audience, pid: number, close: () => Promise<void>, prompt: () => Promise<unknown>): Stage {
    return {
      pid,
      close,
      peakRssMb: () => peakRssMb(pid),
      play: async (answer, text) => {
        this.#answer = answer
        const heard = audience.expect(text ?? null)
        const [cpuBefore, began] = [cpuSeconds(pid), instant()]
        await prompt()
        const what = await heard
        if (what.wrong > 0) throw new Error(`${what.wrong} clients hold another text than was said.`)
        return { ...what, ms: what.at - began, cpuSeconds: cpuSeconds(pid) - cpuBefore }
      },
    }
  }
}

async function openPeer(url: string): Promise<{ peer: Peer; turnEnded(): Promise<void> }> {
  const socket = new WebSocket(url, { perMessageDeflate: false })
  await once(socket, 'open')
  let ended: () => void = () => {}
  const peer = new Peer(new SocketChannel(socket), {
    tagged: false,
    onNotification: ({ method }) => {
      if (method === 'turn/completed') ended()
    },
    onRequest: () => {},
    onInvalid: () => {},
    onClose: () => {},
  })
  const clientInfo = { name: 'bench', title: 'bench', version: '1' }
  await peer.request('initialize', { clientInfo, capabilities: { experimentalApi: true } })
  peer.notify('initialized')
  return {
    peer,
    turnEnded: () =>
      new Promise((resolve) => {
        ended = resolve
      }),
  }
}
