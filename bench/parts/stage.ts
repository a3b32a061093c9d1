/**
 * A server, one session on it and an audience that follows the session. The hub and Codex's own server stand on stages
 * of the same form, so that every answer is played to both alike.
 */
import type { Step } from '../../src/demo/answer.ts'
import type { Script } from '../../src/demo/scripted-model.ts'
import { makeCodexHome } from '../../test/harness/codex-home.ts'
import { isIdle, stateWhere, text } from '../../test/harness/watch.ts'
import type { BenchOptions } from '../bench.ts'
import type { AudienceOrder, AudienceReport } from '../programs/audience.ts'
import { openCodexPeer } from './codex-peer.ts'
import { startCodexServer } from './codex-server.ts'
import { HubChild } from './hub-child.ts'
import { instant } from './instant.ts'
import { cpuSeconds, peakRssMb } from './process-cost.ts'
import { Program } from './program.ts'

type Audience = Program<AudienceOrder, AudienceReport>
type Heard = Extract<AudienceReport, { kind: 'heard' }>

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

export interface HubStage extends Stage {
  readonly hub: HubChild
  readonly sessionId: string
}

/** @param others what the model says in other sessions of this hub; in the one on stage it says what is played */
export async function openHubStage(
  { build }: Pick<BenchOptions, 'build'>,
  clients: number,
  others?: Script,
): Promise<HubStage> {
  const model = new Prompter(others)
  const codex = await makeCodexHome({ script: model.script })
  const hub = new HubChild({ build, codex })
  const audience = new Program<AudienceOrder, AudienceReport>('audience')
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
    await audience.ask(
      { kind: 'join', seat: { server: 'hub', ...hub.address, sessionId }, count: clients },
      'joined',
    )
    const stage = model.stage(audience, hub.pid, close, async () => {
      await client.command('session/send', { sessionId, input: text('go') })
    })
    return { ...stage, hub, sessionId }
  } catch (error) {
    await close()
    throw error
  }
}

export async function openCodexStage(clients: number): Promise<Stage> {
  const model = new Prompter()
  const server = await startCodexServer(model.script)
  const audience = new Program<AudienceOrder, AudienceReport>('audience')
  const close = async () => {
    await audience.close()
    await server.close()
  }
  try {
    const codex = await openCodexPeer(server.url)
    const threadId = await codex.startThread(server.codex.project)
    // A thread without a turn cannot be joined.
    const ended = codex.next('turn/completed')
    await codex.prompt(threadId, 'hello')
    await ended
    await audience.ask(
      { kind: 'join', seat: { server: 'codex', url: server.url, threadId }, count: clients },
      'joined',
    )
    await codex.peer.request('thread/unsubscribe', { threadId })
    return model.stage(audience, server.pid, close, () => codex.prompt(threadId, 'go'))
  } catch (error) {
    await close()
    throw error
  }
}

/** What the model says next, and the part of a stage that is the same for every server. */
class Prompter {
  #answer: Step = { say: 'Hello.' }
  readonly script: Script

  constructor(others: Script = () => [{ say: 'Hello.' }]) {
    this.script = (request) => (request.lastUserText === 'go' ? [this.#answer] : others(request))
  }

  stage(audience: Audience, pid: number, close: () => Promise<void>, prompt: () => Promise<unknown>): Stage {
    return {
      pid,
      close,
      peakRssMb: () => peakRssMb(pid),
      play: async (answer, text) => {
        this.#answer = answer
        const heard = audience.ask({ kind: 'expect', text: text ?? null }, 'heard')
        const [cpuBefore, began] = [cpuSeconds(pid), instant()]
        await prompt()
        const what = await heard
        if (what.wrong > 0) throw new Error(`${what.wrong} clients hold another text than was said.`)
        return { ...what, ms: what.at - began, cpuSeconds: cpuSeconds(pid) - cpuBefore }
      },
    }
  }
}
